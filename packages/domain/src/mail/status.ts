/** What becomes of mails: how they are named to SES, and which of two things that are said of one holds. */
import type { MailStatus } from "@success-manager/contract/vocabulary";

/**
 * By what an event finds its mail, also when SES's answer to it was lost and nobody knows its id. Each mail goes out with
 * these as message tags (API reference, SendRawEmail, `Tags`), which come back with all of its events. They name nobody.
 */
export interface MailTag {
  readonly kind: "report" | "survey" | "alert" | "invitation" | "notice";
  /** Id of the item that it is about. */
  readonly subject: string;
  /** Id of this one mail. */
  readonly mail_id: string;
}

/** MessageTag in SES's API reference. */
export const TAG_VALUE = /^[\w-]{1,256}$/;

/** The tag as SES takes it. */
export const toMessageTags = ({ kind, subject, mail_id }: MailTag) =>
  Object.entries({ mail_kind: kind, mail_subject: subject, mail_id }).map(([Name, Value]) => {
    if (!TAG_VALUE.test(Value)) throw new Error(`No value of a tag: ${Name}`);
    return { Name, Value };
  });

/** What events say of a mail. */
export type EventStatus = Extract<
  MailStatus,
  "sent" | "delivered" | "soft_bounced" | "rejected" | "bounced" | "complained"
>;

/**
 * How far along a mail is. A higher one replaces a lower one and never the other way round: so it does not matter in
 * which order events come, nor how often, nor whether our own note of the sending comes after them. A server may take a
 * mail and send it back later, so a bounce is further along than a delivery; only who got it can complain.
 */
const RANKS: Readonly<Record<Exclude<MailStatus, "suppressed"> | "pending", number>> = {
  pending: 0,
  failed: 0,
  unknown: 0,
  sent: 1,
  delivered: 2,
  soft_bounced: 3,
  rejected: 4,
  bounced: 5,
  complained: 6,
};

const rankOf = (status: string): number =>
  Object.hasOwn(RANKS, status) ? RANKS[status as keyof typeof RANKS] : Number.POSITIVE_INFINITY;

/** Whether an event changes a mail of this status. Of one that was never sent (`suppressed`, `left` …) none does. */
export const outranks = (event: string, status: string): boolean => rankOf(event) > rankOf(status);

/** An event, as far as it is of use. */
export interface MailEvent {
  readonly status: EventStatus;
  /** When it happened, to the address. */
  readonly at: string;
  /** SES's id of the mail. */
  readonly message_id: string;
  /** When SES took the mail. */
  readonly sent_at: string;
  /** To whom it went: one, of mails of ours. */
  readonly addresses: readonly string[];
  /** Missing where the mail was none of ours. */
  readonly tag: MailTag | undefined;
  /** Why it did not arrive, for a person; null where it did. */
  readonly error: string | null;
}
