/**
 * What SES tells of a mail afterwards. Shapes: Amazon SES Developer Guide, "Examples of event data that Amazon SES
 * publishes to Amazon SNS" and "Contents of event data".
 */
import * as z from "zod";
import { type MailEvent, type MailTag, TAG_VALUE } from "../status.ts";

export type { MailEvent } from "../status.ts";
export { noteAddresses } from "../suppression.ts";

const instant = z.iso.datetime({ offset: true }).transform((text) => new Date(text).toISOString());
const Tag = z.tuple([z.string().regex(TAG_VALUE)]);

const mail = z.object({
  timestamp: instant,
  messageId: z.string().min(1).max(256),
  destination: z.array(z.string().min(3).max(1024)).min(1),
  tags: z.record(z.string(), z.unknown()).default({}),
});

/** One of our own, whole; any other mail through the same configuration set has none or others. */
const Tags = z
  .object({
    mail_kind: z.tuple([z.enum(["report", "survey", "alert", "invitation", "notice"])]),
    mail_subject: Tag,
    mail_id: Tag,
  })
  .transform(
    ({ mail_kind: [kind], mail_subject: [subject], mail_id: [mail_id] }): MailTag => ({
      kind,
      subject,
      mail_id,
    }),
  );

const Event = z.discriminatedUnion("eventType", [
  z.object({ eventType: z.literal("Send"), mail }),
  z.object({ eventType: z.literal("Delivery"), mail, delivery: z.object({ timestamp: instant }) }),
  z.object({
    eventType: z.literal("Bounce"),
    mail,
    bounce: z.object({
      bounceType: z.enum(["Permanent", "Transient", "Undetermined"]),
      bounceSubType: z.string().default("General"),
      timestamp: instant,
    }),
  }),
  z.object({
    eventType: z.literal("Complaint"),
    mail,
    complaint: z.object({ timestamp: instant, complaintFeedbackType: z.string().nullish() }),
  }),
  z.object({ eventType: z.literal("Reject"), mail }),
  z.object({ eventType: z.literal("Rendering Failure"), mail }),
]);

/** Events that change nothing. A mail that is late is still `sent`; SES tells how that ends. */
const WITHOUT_EFFECT = new Set(["DeliveryDelay", "Open", "Click", "Subscription"]);

const BOUNCED =
  "The mail server of this address refused this mail for good, most likely because there is no such mailbox. Ask for another address.";
const SOFT_BOUNCES = new Map([
  ["MailboxFull", "The mailbox of this address is full, so this mail did not arrive."],
  ["MessageTooLarge", "This mail is too large for the mail server of this address, so it did not arrive."],
  ["ContentRejected", "The mail server of this address refused what this mail says, so it did not arrive."],
  [
    "AttachmentRejected",
    "The mail server of this address refuses attachments like this one, so the mail did not arrive.",
  ],
]);
const SOFT_BOUNCED =
  "The mail server of this address did not take this mail, so it did not arrive. It may take another one.";
const COMPLAINED = "This mail arrived, and its reader reported it as spam.";
const REJECTED = "The mail service took this mail for harmful and did not pass it on.";

type Outcome = Pick<MailEvent, "status" | "at" | "error">;

/** Undefined for what says nothing against the mail after all. */
function outcomeOf(event: z.infer<typeof Event>): Outcome | undefined {
  switch (event.eventType) {
    case "Send":
      return { status: "sent", at: event.mail.timestamp, error: null };
    case "Delivery":
      return { status: "delivered", at: event.delivery.timestamp, error: null };
    case "Bounce": {
      const { bounceType, bounceSubType, timestamp: at } = event.bounce;
      if (bounceType === "Permanent") return { status: "bounced", at, error: BOUNCED };
      return { status: "soft_bounced", at, error: SOFT_BOUNCES.get(bounceSubType) ?? SOFT_BOUNCED };
    }
    case "Complaint":
      // The opposite: somebody took it out of the spam (RFC 6430).
      if (event.complaint.complaintFeedbackType === "not-spam") return undefined;
      return { status: "complained", at: event.complaint.timestamp, error: COMPLAINED };
    case "Reject":
    case "Rendering Failure":
      return { status: "rejected", at: event.mail.timestamp, error: REJECTED };
  }
}

/**
 * Reads the message of an SES event. Undefined for one that changes nothing.
 *
 * @throws ZodError or SyntaxError when it is none
 */
export function parseMailEvent(message: string): MailEvent | undefined {
  const parsed: unknown = JSON.parse(message);
  const type = z.object({ eventType: z.string() }).parse(parsed).eventType;
  if (WITHOUT_EFFECT.has(type)) return undefined;
  const event = Event.parse(parsed);
  const outcome = outcomeOf(event);
  if (!outcome) return undefined;
  const { messageId: message_id, timestamp: sent_at, destination: addresses, tags } = event.mail;
  return { ...outcome, message_id, sent_at, addresses, tag: Tags.safeParse(tags).data };
}
