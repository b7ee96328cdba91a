import type { SESClient } from "@aws-sdk/client-ses";
import { toAsciiEmail } from "@success-manager/contract/email";
import { config } from "../config.ts";

/** A file that comes with a mail. */
export interface Attachment {
  /** As the reader sees it: `report.pdf`. */
  readonly filename: string;
  readonly contentType: string;
  readonly content: Uint8Array;
}

/** A mail to one person. */
export interface Mail {
  /** An e-mail address, without a name; SES gets its domain in punycode. */
  readonly to: string;
  readonly subject: string;
  readonly html: string;
  /** The same for readers without HTML. */
  readonly text: string;
  /** Further headers by name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly Attachment[];
}

/** Who writes. */
export interface Sender {
  readonly address: string;
  /** Where answers go; to the sender when absent. */
  readonly replyTo?: string | undefined;
}

/** A mail that was not sent. The message is a sentence for the person who wanted it to be. */
export class MailError extends Error {
  /** Whether the same mail may get through later. */
  readonly retryable: boolean;

  constructor(sentence: string, retryable: boolean, cause?: unknown) {
    super(sentence, { cause });
    this.name = "MailError";
    this.retryable = retryable;
  }
}

/** The stage has no sender. */
export const mailNotSetUp = () => new MailError("Sending mail is not set up here. Ask an admin.", false);

type Reason = "refused" | "busy" | "unconfigured";

/** Errors of SES (API reference, SendRawEmail), by name. */
const REASONS = new Map<string, Reason>([
  ["MessageRejected", "refused"],
  ["InvalidParameterValue", "refused"],
  ["Throttling", "busy"],
  ["ThrottlingException", "busy"],
  ["AccessDenied", "unconfigured"],
  ["AccessDeniedException", "unconfigured"],
  ["AccountSendingPausedException", "unconfigured"],
  ["ConfigurationSetDoesNotExist", "unconfigured"],
  ["ConfigurationSetDoesNotExistException", "unconfigured"],
  ["ConfigurationSetSendingPausedException", "unconfigured"],
  ["MailFromDomainNotVerifiedException", "unconfigured"],
]);

const SENTENCES: Readonly<Record<Reason, string>> = {
  refused:
    "The mail service refused this mail. Check the address, or ask an admin whether we may send to it.",
  busy: "The mail service is taking no more mails at the moment. Try again in a few minutes.",
  unconfigured: "The mail service does not let us send mail. Ask an admin.",
};

const UNREACHABLE = "The mail service can't be reached right now. Try again in a few minutes.";

/** What an error of the mail service context for a person. */
export function toMailError(error: unknown): MailError {
  const reason = error instanceof Error ? REASONS.get(error.name) : undefined;
  if (!reason) return new MailError(UNREACHABLE, true, error);
  return new MailError(SENTENCES[reason], reason === "busy", error);
}

/** A person waits for some of our mails: give up on what is not taken up in time. */
const CONNECT_MS = 1_000;
const ANSWER_MS = 5_000;

let client: SESClient | undefined;

/**
 * Sends a mail to one person through SES, from the stage's sender (`MAIL_FROM`, `MAIL_REPLY_TO`,
 * `MAIL_CONFIGURATION_SET`).
 *
 * @throws MailError with a sentence for a person; the mail may have been sent all the same when SES took it and
 * its answer was lost
 */
export async function send(mail: Mail): Promise<void> {
  const { MAIL_FROM: address, MAIL_REPLY_TO: replyTo, MAIL_CONFIGURATION_SET } = config();
  if (!address) throw mailNotSetUp();
  const { compose, SESClient, SendRawEmailCommand } = await import("./transport.ts");
  const to = toAsciiEmail(mail.to);
  const message = await compose({ ...mail, to }, { address, replyTo });
  client ??= new SESClient({
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS, throwOnRequestTimeout: true },
  });
  const command = new SendRawEmailCommand({
    Source: address,
    // Named here, so that no header can add another.
    Destinations: [to],
    RawMessage: { Data: message },
    ...(MAIL_CONFIGURATION_SET && { ConfigurationSetName: MAIL_CONFIGURATION_SET }),
  });
  try {
    await client.send(command);
  } catch (error) {
    throw toMailError(error);
  }
}
