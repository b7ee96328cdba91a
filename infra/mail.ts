import { RemovalPolicy, type Stack } from "aws-cdk-lib";
import type { IKey } from "aws-cdk-lib/aws-kms";
import {
  ConfigurationSet,
  ConfigurationSetTlsPolicy,
  EmailIdentity,
  EmailSendingEvent,
  EventDestination,
  Identity,
} from "aws-cdk-lib/aws-ses";
import { Topic } from "aws-cdk-lib/aws-sns";
import { LambdaSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { live } from "./delivery.ts";
import type { Functions } from "./functions.ts";
import { suppressNag } from "./nag-suppressions.ts";
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
    // The list that holds is ours (decision 32): nobody could see why SES's own keeps a mail back, or lift that.
    disableSuppressionList: true,
  });
}

/** What SES is to tell: all that becomes of a mail. Nobody is followed: `open` and `click` would rewrite what mails say. */
const EVENTS = [
  EmailSendingEvent.SEND,
  EmailSendingEvent.DELIVERY,
  EmailSendingEvent.BOUNCE,
  EmailSendingEvent.COMPLAINT,
  EmailSendingEvent.REJECT,
  EmailSendingEvent.DELIVERY_DELAY,
  EmailSendingEvent.RENDERING_FAILURE,
];

/**
 * What becomes of mails: SES → topic → `events/mail`. An event that the function can't handle goes to the queue of
 * failures, and so does one that does not even reach it.
 */
export function mailEvents(
  stack: Stack,
  rules: ConfigurationSet | undefined,
  lambdas: Functions,
  failures: IQueue,
  masterKey: IKey,
): void {
  const lambda = lambdas.get("events/mail");
  if (lambda === undefined) throw new Error("events/mail is not deployed");
  if (!rules) return;
  const topic = new Topic(stack, "MailEvents", { masterKey, enforceSSL: true });
  const called = live(lambda);
  topic.addSubscription(new LambdaSubscription(called, { deadLetterQueue: failures }));
  suppressNag(
    called,
    "CloudFormation-Validate::W3694",
    "SNS calls a function by its alias as by its name: the ARN is that of a function, qualified.",
  );
  // CDK lets SES publish to the topic, for this account and this configuration set alone.
  const destination = rules.addEventDestination("MailEvents", {
    destination: EventDestination.snsTopic(topic),
    events: EVENTS,
  });
  // SES tries to publish when the destination is made.
  destination.node.addDependency(topic.node.findChild("Policy"));
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
