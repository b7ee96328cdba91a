import { setTimeout } from "node:timers/promises";
import { SESClient, SendRawEmailCommand } from "@aws-sdk/client-ses";
import MailComposer from "nodemailer/lib/mail-composer";
import type { config } from "../config.ts";
import { contentDisposition } from "../text.ts";
// Types alone: it is bundled apart, and a class of ours must not be there twice.
import type { FinishedMail, Reason, Sender } from "./send.ts";
import { toMessageTags } from "./status.ts";

/** What a header holds stays on its line: a line break would begin another header (RFC 5322, 2.2). */
const oneLine = (value: string) => value.replace(/[\p{Cc}\u2028\u2029]+/gu, " ").trim();

const HEADER_NAME = /^[A-Za-z][A-Za-z0-9-]*$/;

function headersOf({ headers = {} }: FinishedMail) {
  return Object.entries(headers).map(([key, value]) => {
    if (!HEADER_NAME.test(key)) throw new Error(`No name of a header: ${JSON.stringify(key)}`);
    return { key, value: oneLine(value) };
  });
}

/** The message as it travels (MIME): plain text and HTML as alternatives, then what is attached. */
export function compose(mail: FinishedMail, { name, address, replyTo }: Sender): Promise<Uint8Array> {
  const { to, subject, html, text, attachments = [] } = mail;
  const composer = new MailComposer({
    // Given apart from names, addresses are not parsed: one stays one.
    from: { name: oneLine(name), address: oneLine(address) },
    to: { name: "", address: oneLine(to) },
    ...(replyTo && { replyTo: { name: "", address: oneLine(replyTo) } }),
    subject: oneLine(subject),
    headers: headersOf(mail),
    text,
    html,
    attachments: attachments.map(({ filename, contentType, content }) => ({
      filename: oneLine(filename),
      contentType,
      content: Buffer.from(content),
    })),
  });
  const message = composer.compile();
  // A name that is not ASCII would be cut into parts (RFC 2231, 3), of which some readers lose the blanks between.
  for (const node of message.childNodes)
    if (node.filename && !isAscii(node.filename))
      node.setHeader("Content-Disposition", { prepared: true, value: contentDisposition(node.filename) });
  return message.build();
}

const isAscii = (text: string) => /^[ -~]*$/.test(text);

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

/** Whether the same mail is worth another try right away. A day's quota does not come back by waiting. */
const isWorthWaiting = (error: unknown, reason: Reason) =>
  reason === "busy" ? !/daily/i.test(String(error)) : neverConnected(error);

type Settings = Pick<
  ReturnType<typeof config>,
  "MAIL_CONFIGURATION_SET" | "MAIL_ANSWER_MS" | "AWS_MAX_ATTEMPTS"
>;

/** Does what `send` says. Apart from it, because most requests send no mail. */
export async function transmit(
  mail: FinishedMail,
  sender: Sender,
  { MAIL_CONFIGURATION_SET, MAIL_ANSWER_MS, AWS_MAX_ATTEMPTS }: Settings,
  remaining: () => number,
): Promise<
  { readonly message_id: string | undefined } | { readonly reason: Reason; readonly cause?: unknown }
> {
  const message = await compose(mail, sender);
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
    Source: sender.address,
    // Named here, so that no header can add another.
    Destinations: [mail.to],
    RawMessage: { Data: message },
    Tags: toMessageTags(mail.tag),
    ...(MAIL_CONFIGURATION_SET && { ConfigurationSetName: MAIL_CONFIGURATION_SET }),
  });
  for (let attempt = 1; ; attempt++) {
    const limit = Math.min(MAIL_ANSWER_MS, Math.floor(remaining() - RESERVE_MS));
    if (limit < Math.min(LEAST_ANSWER_MS, MAIL_ANSWER_MS)) return { reason: "late" };
    try {
      const { MessageId } = await client.send(command, { abortSignal: AbortSignal.timeout(limit) });
      return { message_id: MessageId };
    } catch (cause) {
      const reason = reasonOf(cause);
      if (attempt >= Math.min(AWS_MAX_ATTEMPTS, MAX_ATTEMPTS) || !isWorthWaiting(cause, reason))
        return { reason, cause };
      await setTimeout(PAUSE_MS * attempt * (1 + Math.random()));
    }
  }
}
