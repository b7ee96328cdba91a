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
 * What sending mail needs, when the stage has a sender: the address, which its owner confirms by a mail from SES, and
 * a set of rules for all mails. It stays when the service goes: confirming is work of people.
 */
export function mail(stack: Stack, stage: Stage): void {
  if (!stage.mail) return;
  const rules = new ConfigurationSet(stack, "Mails", {
    configurationSetName: configurationSet(stage),
    reputationMetrics: true,
    // Links of surveys and reports do not travel in clear.
    tlsPolicy: ConfigurationSetTlsPolicy.REQUIRE,
    suppressionReasons: SuppressionReasons.BOUNCES_AND_COMPLAINTS,
  });
  const sender = new EmailIdentity(stack, "Sender", {
    identity: Identity.email(stage.mail.from),
    configurationSet: rules,
  });
  const removal = stage.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN;
  for (const kept of [rules, sender]) kept.applyRemovalPolicy(removal);
}

const configurationSet = (stage: Stage) => stage.named("mail");

/** ARNs of what a function that sends mail may use. */
export function mailResources(stack: Stack, stage: Stage): string[] {
  if (!stage.mail) return [];
  const named = { identity: stage.mail.from, "configuration-set": configurationSet(stage) };
  return Object.entries(named).map(([resource, resourceName]) =>
    stack.formatArn({ service: "ses", resource, resourceName }),
  );
}

/** The variables of such a function. */
export function mailVariables(stage: Stage): Record<string, string> {
  if (!stage.mail) return {};
  const { from, replyTo } = stage.mail;
  return {
    MAIL_FROM: from,
    MAIL_CONFIGURATION_SET: configurationSet(stage),
    ...(replyTo !== undefined && { MAIL_REPLY_TO: replyTo }),
  };
}
