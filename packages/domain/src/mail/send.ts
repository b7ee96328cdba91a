import { toAsciiEmail } from "@success-manager/contract/email";
import type { MailStatus } from "@success-manager/contract/vocabulary";
import { config } from "../config.ts";
import { brandOf, settingsOf, settingsRequest } from "../settings/index.ts";
import { batchGet } from "../table/index.ts";
import { type Frame, type FramedMail, footerOf, isolate, type TeamBranding } from "./layout.ts";
import type { MailTag } from "./status.ts";
import { refusalOf, refusalRequests } from "./suppression.ts";

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
  /** As `renderMail` makes it; the brand is put around it when it is sent. */
  readonly html: FramedMail;
  /** The same for readers without HTML. */
  readonly text: string;
  readonly branding?: TeamBranding | undefined;
  /** Further headers by name. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly attachments?: readonly Attachment[];
  /** Comes back with what the mail service tells of it. */
  readonly tag: MailTag;
}

/** What a mail says, to whomever. */
export type Message = Omit<Mail, "to" | "tag">;

/** A mail as it goes out. */
export type FinishedMail = Omit<Mail, "html" | "branding"> & { readonly html: string };

/** Who writes. */
export interface Sender {
  readonly name: string;
  readonly address: string;
  /** Where answers go; to the sender when absent. */
  readonly replyTo?: string | undefined;
}

/** What a mail is when it was not sent, or nobody knows. */
type UnsentStatus = Extract<MailStatus, "failed" | "unknown" | "suppressed">;

/** A mail that was not sent, or nobody knows. The message is a sentence for the person who wanted it to be. */
export class MailError extends Error {
  /** `unknown`: it may have gone out. Nothing sends it again by itself. `suppressed`: nothing shall go there. */
  readonly status: UnsentStatus;
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

/** About a mail that may have gone out. */
export const MAY_HAVE_GONE_OUT =
  "The mail service has not said whether it took this mail, so it may have gone out. Ask whether it arrived before you send it again.";

/** About mails that are not tried, because the mail service gives no answer. */
export const UNREACHABLE = "The mail service can't be reached right now. Try again in a few minutes.";

/** Why a mail was not sent. `late`: who sends has no time left to wait for an answer. */
export type Reason = "refused" | "busy" | "unconfigured" | "unreachable" | "late" | "unknown";

const SENTENCES: Readonly<Record<Reason, string>> = {
  refused:
    "The mail service refused this mail. Check the address, or ask an admin whether we may send to it.",
  busy: "The mail service is taking no more mails at the moment. Try again in a few minutes.",
  unconfigured: "The mail service does not let us send mail. Ask an admin.",
  unreachable: UNREACHABLE,
  late: "There was no time left to send this mail. Try again in a few minutes.",
  unknown: MAY_HAVE_GONE_OUT,
};

const toMailError = (reason: Reason, cause: unknown) =>
  new MailError(
    SENTENCES[reason],
    {
      status: reason === "unknown" ? "unknown" : "failed",
      retryable: reason === "busy" || reason === "unreachable" || reason === "late",
    },
    cause,
  );

/** A mail as it goes out: its HTML with what stands around it, its text with what stands below. */
export function finish(
  { html, branding, ...rest }: Mail,
  around: Pick<Frame, "brand" | "origin">,
): FinishedMail {
  const frame = { ...around, ...branding };
  const footer = footerOf(frame);
  const text = footer ? `${rest.text.trimEnd()}\n\n${isolate(footer)}\n` : rest.text;
  return { ...rest, to: toAsciiEmail(rest.to), html: html(frame), text };
}

/**
 * Sends a mail to one person through SES, from the stage's sender (`MAIL_FROM`, `MAIL_CONFIGURATION_SET`), in the name
 * of the organization and with its logo and color (`/settings/branding`). It goes out once at most: only what SES has surely not taken is tried again, a few times.
 * To an address that bounced or complained nothing is sent (`suppression.ts`).
 *
 * @param remaining milliseconds until the caller is cut off; it is answered some seconds before
 * @returns SES's id of the message
 * @throws MailError with a sentence for a person, and whether the mail may have gone out
 */
export async function send(
  mail: Mail,
  remaining: () => number = () => Infinity,
): Promise<string | undefined> {
  const settings = config();
  const { MAIL_FROM: address, PUBLIC_URL, GATEWAY_URL } = settings;
  if (!address) throw mailNotSetUp();
  // Where that fails, nobody knows whether it may be sent, so it is not.
  const [stored, ...found] = await refusalRequests(mail.to, mail.tag.kind)
    .then(([a, b, c, d]) => batchGet(settingsRequest("branding"), a, b, c, d))
    .catch((cause: unknown) => {
      throw toMailError("unreachable", cause);
    });
  const refusal = refusalOf(found, mail.tag.kind);
  if (refusal !== undefined) throw new MailError(refusal, { status: "suppressed", retryable: false });
  const { transmit } = await import("./transport.ts");
  const brand = brandOf(settingsOf("branding", stored));
  const finished = finish(mail, { brand, origin: PUBLIC_URL ?? GATEWAY_URL });
  const sender = { name: brand.organization, address, replyTo: brand.replyTo };
  const result = await transmit(finished, sender, settings, remaining);
  if ("reason" in result) throw toMailError(result.reason, result.cause);
  return result.message_id;
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
  | { readonly mail_status: UnsentStatus; readonly mail_error: string };

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
