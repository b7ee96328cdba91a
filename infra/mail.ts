import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  Identity,
  SuppressionReasons,
} from "aws-cdk-lib/aws-ses";
import type { Stage } from "./stage.ts";

/**
 * The sender's address, which its owner confirms by a mail from SES, unless SES knows it already. With the data,
 * because confirming is work of people. It goes with the setting: an address that stayed behind could not be made
 * again.
 */
export function sender(stack: Stack, { mail }: Stage): void {
  if (!mail || mail.verifiedIdentity !== undefined) return;
  new EmailIdentity(stack, "Sender", { identity: Identity.email(mail.from) }).applyRemovalPolicy(
    RemovalPolicy.DESTROY,
  );
}

/** Rules for all mails, when the stage has a sender. Without a name of their own: they may come and go with it. */
export function mailRules(stack: Stack, { mail }: Stage): ConfigurationSet | undefined {
  if (!mail) return undefined;
  return new ConfigurationSet(stack, "Mails", {
    reputationMetrics: true,
    // Links of surveys and reports do not travel in clear.
    tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
  });
}

/** ARNs of what a function that sends mail may use. */
export function mailResources(stack: Stack, { mail }: Stage, rules: ConfigurationSet | undefined): string[] {
  if (!mail || !rules) return [];
  const named = {
    identity: mail.verifiedIdentity ?? mail.from,
    "configuration-set": rules.configurationSetName,
  };
  return Object.entries(named).map(([resource, resourceName]) =>
    stack.formatArn({ service: "ses", resource, resourceName }),
  );
}

/** The variables of such a function. */
export function mailVariables({ mail }: Stage, rules: ConfigurationSet | undefined): Record<string, string> {
  if (!mail || !rules) return {};
  return {
    MAIL_FROM: mail.from,
    MAIL_CONFIGURATION_SET: rules.configurationSetName,
    ...(mail.replyTo !== undefined && { MAIL_REPLY_TO: mail.replyTo }),
  };
}
