import { setTimeout } from "node:timers/promises";
import type { SESClient } from "@aws-sdk/client-ses";
import { toAsciiEmail } from "@success-manager/contract/email";
import type { MailStatus } from "@success-manager/contract/vocabulary";
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

/** A mail that was not sent, or nobody knows. The message is a sentence for the person who wanted it to be. */
export class MailError extends Error {
  /** `unknown`: it may have gone out. Nothing sends it again by itself. */
  readonly status: Exclude<MailStatus, "sent">;
  /** Whether the same mail may get through later, and has surely not gone out. */
  readonly retryable: boolean;

  constructor(
    sentence: string,
    { status, retryable }: Pick<MailError, "status" | "retryable">,
    cause?: unknown,
  ) {
    super(sentence, { cause });
    this.name = "MailError";
    this.status = status;
    this.retryable = retryable;
  }
}

/** The stage has no sender. */
export const mailNotSetUp = () =>
  new MailError("Sending mail is not set up here. Ask an admin.", { status: "failed", retryable: false });

type Reason = "refused" | "busy" | "unconfigured" | "unreachable" | "unknown";

/** Errors of SES (API reference, SendRawEmail), and of the SDK before it has asked SES, by name. */
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
  ["CredentialsProviderError", "unreachable"],
]);

/** About a mail that may have gone out. */
export const MAY_HAVE_GONE_OUT =
  "The mail service has not said whether it took this mail, so it may have gone out. Ask whether it arrived before you send it again.";

/** About mails that are not tried, because the mail service gives no answer. */
export const UNREACHABLE = "The mail service can't be reached right now. Try again in a few minutes.";

const SENTENCES: Readonly<Record<Reason, string>> = {
  refused:
    "The mail service refused this mail. Check the address, or ask an admin whether we may send to it.",
  busy: "The mail service is taking no more mails at the moment. Try again in a few minutes.",
  unconfigured: "The mail service does not let us send mail. Ask an admin.",
  unreachable: UNREACHABLE,
  unknown: MAY_HAVE_GONE_OUT,
};

/** The handler of the SDK (`set-connection-timeout.js`) has no other sign for it than this. */
const NOT_CONNECTED = /did not establish a connection/;

/** Whether there was no connection: then no byte of the mail has left. */
function neverConnected(error: unknown): boolean {
  // One error for each address of a name.
  if (error instanceof AggregateError) return error.errors.length > 0 && error.errors.every(neverConnected);
  if (!(error instanceof Error)) return false;
  const syscall = "syscall" in error ? error.syscall : undefined;
  return syscall === "connect" || syscall === "getaddrinfo" || NOT_CONNECTED.test(error.message);
}

const httpStatusOf = (error: unknown) =>
  (error as { readonly $metadata?: { readonly httpStatusCode?: number } } | undefined)?.$metadata
    ?.httpStatusCode ?? 0;

/**
 * What an attempt came to. SES's own refusals are certain, and so is a connection that was never there. Whatever else
 * ends without its word (too late, cut off, 5xx) may have been taken.
 */
function reasonOf(error: unknown): Reason {
  const named = error instanceof Error ? REASONS.get(error.name) : undefined;
  if (named) return named;
  const status = httpStatusOf(error);
  if (status === 429) return "busy";
  return neverConnected(error) || (status >= 400 && status < 500) ? "unreachable" : "unknown";
}

const toMailError = (reason: Reason, cause: unknown) =>
  new MailError(
    SENTENCES[reason],
    {
      status: reason === "unknown" ? "unknown" : "failed",
      retryable: reason === "busy" || reason === "unreachable",
    },
    cause,
  );

const CONNECT_MS = 1_000;
/** With less, an answer is hardly to be expected. */
const LEAST_ANSWER_MS = 1_500;
/** What is left to whoever sends: to note what became of the mail, and to answer in time (`jobs/define.ts`). */
const RESERVE_MS = 4_000;
/** SES counts mails by the second. */
const PAUSE_MS = 500;
/** As often at most, or as often as the SDK asks other services where that is less. */
const MAX_ATTEMPTS = 3;

let client: SESClient | undefined;

/** How long SES may take to answer: what is configured, or less where who sends has less time. */
const answerLimit = (remaining: () => number) =>
  Math.min(config().MAIL_ANSWER_MS, Math.floor(remaining() - RESERVE_MS));

/** Whether the same mail is worth another try right away. A day's quota does not come back by waiting. */
const isWorthWaiting = (error: unknown, reason: Reason) =>
  reason === "busy" ? !/daily/i.test(String(error)) : neverConnected(error);

/**
 * Sends a mail to one person through SES, from the stage's sender (`MAIL_FROM`, `MAIL_REPLY_TO`,
 * `MAIL_CONFIGURATION_SET`). It goes out once at most: only what SES has surely not taken is tried again, a few times.
 *
 * @param remaining milliseconds until the caller is cut off; it is answered some seconds before
 * @returns SES's id of the message
 * @throws MailError with a sentence for a person, and whether the mail may have gone out
 */
export async function send(
  mail: Mail,
  remaining: () => number = () => Infinity,
): Promise<string | undefined> {
  const { MAIL_FROM: address, MAIL_REPLY_TO: replyTo, MAIL_CONFIGURATION_SET, AWS_MAX_ATTEMPTS } = config();
  if (!address) throw mailNotSetUp();
  const { compose, SESClient, SendRawEmailCommand } = await import("./transport.ts");
  const to = toAsciiEmail(mail.to);
  const message = await compose({ ...mail, to }, { address, replyTo });
  client ??= new SESClient({
    maxAttempts: 1,
    requestHandler: {
      connectionTimeout: CONNECT_MS,
      // A connection that the other side has closed meanwhile would break just when a mail is on it.
      httpAgent: { keepAlive: false },
      httpsAgent: { keepAlive: false },
    },
  });
  const command = new SendRawEmailCommand({
    Source: address,
    // Named here, so that no header can add another.
    Destinations: [to],
    RawMessage: { Data: message },
    ...(MAIL_CONFIGURATION_SET && { ConfigurationSetName: MAIL_CONFIGURATION_SET }),
  });
  for (let attempt = 1; ; attempt++) {
    const limit = answerLimit(remaining);
    if (limit < Math.min(LEAST_ANSWER_MS, config().MAIL_ANSWER_MS))
      throw new MailError("There was no time left to send this mail. Try again in a few minutes.", {
        status: "failed",
        retryable: true,
      });
    try {
      return (await client.send(command, { abortSignal: AbortSignal.timeout(limit) })).MessageId;
    } catch (error) {
      const reason = reasonOf(error);
      if (attempt >= Math.min(AWS_MAX_ATTEMPTS, MAX_ATTEMPTS) || !isWorthWaiting(error, reason))
        throw toMailError(reason, error);
      await setTimeout(PAUSE_MS * attempt * (1 + Math.random()));
    }
  }
}

/** What mails of a request need to know of it. */
export interface MailRequest {
  /** Where the API is reached, for absolute addresses. */
  readonly origin: string;
  /** Milliseconds until the request is cut off; there is no end when absent. */
  readonly remaining?: (() => number) | undefined;
}

/** What became of a mail, as it is noted. */
export type MailOutcome =
  | {
      readonly mail_status: "sent";
      readonly mail_error?: undefined;
      readonly message_id?: string | undefined;
    }
  | { readonly mail_status: "failed" | "unknown"; readonly mail_error: string };

/** Sends a mail as `send` does; one that is not sent is reported, not thrown. */
export async function trySending(mail: Mail, remaining?: () => number): Promise<MailOutcome> {
  try {
    const message_id = await send(mail, remaining);
    return { mail_status: "sent", ...(message_id !== undefined && { message_id }) };
  } catch (error) {
    if (error instanceof MailError) return { mail_status: error.status, mail_error: error.message };
    throw error;
  }
}
