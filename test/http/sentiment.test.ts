import type { InteractionType } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { heldOut, known } from "../../packages/domain/src/sentiment/fixture/sentences.ts";
import { type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

const newCustomer = async () =>
  (await cloud.manager.api.customers.create({ body: { company_name: `C ${crypto.randomUUID()}` } })).body()
    .id;

const log = async (customer_id: string, description: string, interaction_type: InteractionType = "call") =>
  (
    await cloud.manager.api.interactions.create({
      body: { customer_id, interaction_type, subject: "Note", description },
    })
  ).body();

const alertsOf = async (customer_id: string) =>
  (await cloud.viewer.api.alerts.byCustomer({ params: { id: customer_id } })).body().alerts;

describe("a logged note", () => {
  it("is read as the labelled sentences say, and hardly ever as negative when it is neutral", async () => {
    const customer_id = await newCustomer();
    const sentences = [...known, ...heldOut];
    const read = [];
    for (const { text, sentiment } of sentences)
      read.push({ text, sentiment, got: (await log(customer_id, text)).sentiment });
    const wrong = read.filter(({ sentiment, got }) => sentiment !== got);
    expect(sentences).toHaveLength(200);
    expect(wrong.length, JSON.stringify(wrong, null, 1)).toBeLessThanOrEqual(10);
    const neutral = read.filter(({ sentiment }) => sentiment === "neutral");
    const blamed = neutral.filter(({ got }) => got === "negative");
    expect(blamed.length / neutral.length, JSON.stringify(blamed, null, 1)).toBeLessThanOrEqual(0.02);
  });
});

describe("what follows from a note", () => {
  it.each([
    ["high", "Emergency contact updated, no blockers."],
    ["high", "Die Schulung war sehr gut, kein Problem."],
    ["high", "Could not be better since the problem was solved the same day."],
    ["high", "Critical path and risk register reviewed, war room booked."],
    ["critical", "The director is furious about the third outage."],
    ["critical", "They are not satisfied, the import fails again."],
  ])("is a %s alert for the escalation: %s", async (severity, description) => {
    const customer_id = await newCustomer();
    await log(customer_id, description, "escalation");
    expect(await alertsOf(customer_id)).toMatchObject([{ alert_type: "escalation", severity }]);
  });

  it("is a lower score for tickets that went badly, and for no others", async () => {
    const customer_id = await newCustomer();
    const scored = async () => {
      const { factors } = (
        await cloud.manager.api.healthScores.calculate({ params: { customer_id }, body: null })
      ).body();
      return factors.support.details.negative_tickets;
    };
    for (const text of [
      "No issues.",
      "Error codes explained.",
      "Kein Fehler.",
      "Problem solved, very helpful.",
    ])
      await log(customer_id, text, "support_ticket");
    expect(await scored()).toBe(0);
    await log(customer_id, "The customer is very disappointed.", "support_ticket");
    expect(await scored()).toBe(1);
  });
});

describe("the themes of answers", () => {
  it("are words of praise and of complaint, one for all inflections, in English alone", async () => {
    const customer_id = await newCustomer();
    const answer = async (score: number, feedback_text: string) => {
      const who = { submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
      const body = { customer_id, survey_type: "nps" as const, score, feedback_text, ...who };
      (await cloud.manager.api.csat.create({ body })).body();
    };
    await answer(3, "The portal is slow, and there was another outage.");
    await answer(2, "Everything loads slowly, too many outages.");
    await answer(1, "Die Schulung war sehr gut, die Hilfe auch. Bad Homburg.");
    await answer(9, "Good support, problem solved the same day.");
    await answer(10, "No issues, no bugs, could not be better.");
    await cloud.settled();
    const { top_themes } = (await cloud.viewer.api.csat.analytics({})).body();
    expect(top_themes).toEqual({
      negative: [
        { keyword: "outage", count: 2 },
        { keyword: "slow", count: 2 },
      ],
      positive: [
        { keyword: "better", count: 1 },
        { keyword: "good", count: 1 },
        { keyword: "solved", count: 1 },
      ],
    });
  });
});
