import { describe, expect, test } from "vitest";
import { eventsOf } from "./mail-events.js";

const NOW = new Date("2026-11-28T10:00:00.000Z");
const sent = (to: string, changes: Record<string, string> = {}) =>
  eventsOf(
    {
      Action: "SendRawEmail",
      ConfigurationSetName: "mails",
      "Destinations.member.1": to,
      "Tags.member.1.Name": "mail_id",
      "Tags.member.1.Value": "m1",
      ...changes,
    },
    "s1",
    NOW,
  );
const typesOf = (to: string) => sent(to).map(({ event }) => event.eventType);

describe("the inbox tells of a mail to", () => {
  test.each([
    ["ada@example.com", ["Send", "Delivery"]],
    ["success@simulator.amazonses.com", ["Send", "Delivery"]],
    ["bounce@simulator.amazonses.com", ["Send", "Bounce"]],
    ["Bounce+label-1@Simulator.AmazonSES.com", ["Send", "Bounce"]],
    ["suppressionlist@simulator.amazonses.com", ["Send", "Bounce"]],
    ["complaint+x@simulator.amazonses.com", ["Send", "Delivery", "Complaint"]],
    ["bounce@example.com", ["Send", "Delivery"]],
  ])("%s what SES's simulator does", (to, types) => expect(typesOf(to)).toEqual(types));

  test("a configuration set, with the tags that came with it", () => {
    expect(sent("ada@example.com")[0]).toMatchObject({
      configurationSet: "mails",
      event: {
        mail: {
          messageId: "s1",
          destination: ["ada@example.com"],
          tags: { "ses:configuration-set": ["mails"], mail_id: ["m1"] },
        },
      },
    });
  });
});

test("a mail without a configuration set, and a request that sends none, have no events", () => {
  const body = { Action: "SendRawEmail", "Destinations.member.1": "ada@example.com" };
  expect(eventsOf(body, "s1", NOW)).toEqual([]);
  expect(sent("ada@example.com", { Action: "SendEmail" })).toEqual([]);
});
