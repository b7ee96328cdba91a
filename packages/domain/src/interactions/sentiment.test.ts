import { describe, expect, it } from "vitest";
import { sentimentOf } from "./input.ts";

const of = (description: string, subject = "Call") => sentimentOf({ subject, description });

describe("a sentiment", () => {
  it.each([
    "The customer is very happy with the new release and thanked the team.",
    "No problems at all, everything works great.",
    "They love the new dashboard.",
    "Training went well, good feedback.",
  ])("is positive: %s", async (text) => expect(await of(text)).toBe("positive"));

  it.each([
    "The system is down again and the customer is furious about the outage.",
    "The customer is not happy with the response time.",
    "Major failure: all reports are broken, they threaten to cancel.",
    "Invoice is wrong again, very disappointed.",
  ])("is negative: %s", async (text) => expect(await of(text)).toBe("negative"));

  it.each([
    "Talked about the roadmap and the next quarter.",
    "Discussed the contract renewal and pricing.",
    "Weekly sync, reviewed open tickets.",
    "Der Kunde ist sehr zufrieden.",
    "12345 --- ???",
    "",
  ])("is neutral: %s", async (text) => expect(await of(text)).toBe("neutral"));

  it("is read from the subject, too", async () => {
    expect(await of("See subject.", "Terrible outage")).toBe("negative");
  });

  it("is not confused by words that every object knows", async () => {
    expect(await of("The constructor company is very happy.")).toBe("positive");
  });

  it("takes no time for endless words", async () => {
    expect(await of(`${"1".repeat(1_000_000)} very happy customer`)).toBe("positive");
  });
});
