import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseMailEvent } from "./events/index.ts";
import { type MailEvent, outranks, toMessageTags } from "./status.ts";

const AT = "2026-11-28T10:00:00.000Z";
const TAGS = { mail_kind: ["report"], mail_subject: ["r1"], mail_id: ["m1"], "ses:configuration-set": ["x"] };
const mail = { timestamp: AT, messageId: "s1", destination: ["ada@example.com"], tags: TAGS };
const parse = (eventType: string, facts: object = {}) =>
  parseMailEvent(JSON.stringify({ eventType, mail, ...facts }));
const bounce = (bounceType: string, bounceSubType = "General") => ({
  bounce: { bounceType, bounceSubType, timestamp: AT, bouncedRecipients: [] },
});

describe("an event of SES", () => {
  test.each([
    ["Send", {}, "sent"],
    ["Delivery", { delivery: { timestamp: AT } }, "delivered"],
    ["Bounce", bounce("Permanent"), "bounced"],
    ["Bounce", bounce("Permanent", "Suppressed"), "bounced"],
    ["Bounce", bounce("Transient", "MailboxFull"), "soft_bounced"],
    ["Bounce", bounce("Undetermined"), "soft_bounced"],
    ["Complaint", { complaint: { timestamp: AT, complaintFeedbackType: "abuse" } }, "complained"],
    ["Complaint", { complaint: { timestamp: AT, complaintFeedbackType: null } }, "complained"],
    ["Reject", { reject: { reason: "Bad content" } }, "rejected"],
    ["Rendering Failure", { failure: { errorMessage: "x", templateName: "y" } }, "rejected"],
  ])("%s %j is %s", (type, facts, status) => {
    expect(parse(type, facts)).toMatchObject({
      ...{ status, at: AT, message_id: "s1", addresses: ["ada@example.com"] },
      tag: { kind: "report", subject: "r1", mail_id: "m1" },
    });
  });

  test.each([
    ["DeliveryDelay", { deliveryDelay: {} }],
    ["Open", {}],
    ["Complaint", { complaint: { timestamp: AT, complaintFeedbackType: "not-spam" } }],
  ])("%s %j changes nothing", (type, facts) => expect(parse(type, facts)).toBeUndefined());

  test("of a mail that is none of ours has no tag", () => {
    const tagged = (tags: object) =>
      parseMailEvent(JSON.stringify({ eventType: "Send", mail: { ...mail, tags } }))?.tag;
    expect(tagged({})).toBeUndefined();
    expect(tagged({ ...TAGS, mail_kind: ["newsletter"] })).toBeUndefined();
    expect(tagged({ ...TAGS, mail_id: ["a b"] })).toBeUndefined();
    expect(tagged({ ...TAGS, mail_id: ["a", "b"] })).toBeUndefined();
  });

  test("is read or refused, whatever it is", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        try {
          parseMailEvent(text);
        } catch (error) {
          expect(["ZodError", "SyntaxError"]).toContain((error as Error).constructor.name.replace("$", ""));
        }
      }),
    );
  });
});

const STATUSES = ["sent", "delivered", "soft_bounced", "rejected", "bounced", "complained"] as const;
const after = (status: string, event: MailEvent["status"]) => (outranks(event, status) ? event : status);

describe("what is said of a mail", () => {
  test.each([
    ["unknown", "sent", "sent"],
    ["unknown", "bounced", "bounced"],
    ["pending", "delivered", "delivered"],
    ["sent", "delivered", "delivered"],
    ["delivered", "sent", "delivered"],
    ["delivered", "bounced", "bounced"],
    ["bounced", "delivered", "bounced"],
    ["soft_bounced", "delivered", "soft_bounced"],
    ["soft_bounced", "bounced", "bounced"],
    ["delivered", "complained", "complained"],
    ["complained", "delivered", "complained"],
    ["complained", "bounced", "complained"],
    ["bounced", "bounced", "bounced"],
    ["suppressed", "delivered", "suppressed"],
    ["left", "sent", "left"],
    ["deactivated", "complained", "deactivated"],
    ["toString", "sent", "toString"],
  ] as const)("%s, then %s, is %s", (before, event, expected) => expect(after(before, event)).toBe(expected));

  test("does not depend on the order in which events come, nor on how often", () => {
    const some = fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 6 });
    const shuffled = some.chain((events) =>
      fc.tuple(
        fc.constant(events),
        fc.shuffledSubarray([...events, ...events], { minLength: 2 * events.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ([events, other]) => {
        const end = (all: readonly MailEvent["status"][]) => all.reduce<string>(after, "unknown");
        expect(end(other)).toBe(end(events));
      }),
    );
  });
});

describe("tags", () => {
  test("hold what SES takes", () => {
    expect(toMessageTags({ kind: "report", subject: "r1", mail_id: "m-1_A" })).toEqual([
      { Name: "mail_kind", Value: "report" },
      { Name: "mail_subject", Value: "r1" },
      { Name: "mail_id", Value: "m-1_A" },
    ]);
  });

  test.each(["", "a b", "ada@example.com", "x".repeat(257)])("refuse %j", (subject) =>
    expect(() => toMessageTags({ kind: "report", subject, mail_id: "m" })).toThrow(/mail_subject/),
  );
});
