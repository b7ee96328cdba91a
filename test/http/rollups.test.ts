import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";

const FUNCTION = "success-manager-local-streams-rollups";

let cloud: TestCloud;
let domain: typeof import("@success-manager/domain/counters") &
  typeof import("@success-manager/domain/counters/rebuild");
beforeAll(async () => {
  cloud = await testCloud();
  domain = {
    ...(await import("@success-manager/domain/counters")),
    ...(await import("@success-manager/domain/counters/rebuild")),
  };
});
afterAll(() => cloud?.stop());

async function counters(series: Parameters<typeof domain.countersRequest>[0], period: string) {
  const found = await domain.countersBetween(series, period, period);
  return found.get(period) ?? {};
}

async function newCustomer() {
  const company_name = `Company ${randomUUID()}`;
  return (await cloud.manager.api.customers.create({ body: { company_name } })).body();
}

/** A sample of what the stream delivers, with an id of its own. */
function delivery(change: (record: Record<string, unknown>) => object = () => ({})) {
  const file = fileURLToPath(new URL("../../events/contact-logged.json", import.meta.url));
  const { Records } = JSON.parse(readFileSync(file, "utf8"));
  return { ...Records[0], eventID: randomUUID(), ...change(Records[0]) };
}

const invoke = async (...records: object[]) => (await cloud.invoke(FUNCTION, { Records: records })).payload;

describe("what happens in the table", () => {
  it("is counted soon after: contacts that are logged, changed and removed", async () => {
    const { id: customer_id } = await newCustomer();
    const { interactions } = cloud.manager.api;
    const body = {
      customer_id,
      interaction_type: "call" as const,
      subject: "Rollout",
      description: "Talked about the rollout",
      sentiment: "positive" as const,
      performed_by: "Sara Khan",
      interaction_date: "2026-02-03T10:00:00Z",
      follow_up_required: true,
      follow_up_date: "2026-03-04",
    };
    const logged = (await interactions.create({ body })).body();
    const kept = (await interactions.create({ body: { ...body, performed_by: "Omar.Ali #1" } })).body();
    await cloud.settled();
    expect(await counters("interaction", domain.dayOf("2026-02-03"))).toEqual({ "call|positive|1": 2 });
    expect(await counters("performer", domain.dayOf("2026-02-03"))).toEqual({
      "Sara Khan": 1,
      "Omar.Ali #1": 1,
    });
    expect(await counters("follow_up", domain.dayOf("2026-03-04"))).toEqual({ open: 2 });
    expect(await counters(`customer#${customer_id}`, domain.ALL_DAYS)).toEqual({
      "interaction|call|positive|1": 2,
    });

    await interactions.update({
      params: { id: kept.id },
      body: { sentiment: "neutral", follow_up_required: false },
    });
    await interactions.remove({ params: { id: logged.id } });
    await cloud.settled();
    expect(await counters("interaction", domain.dayOf("2026-02-03"))).toEqual({ "call|neutral|0": 1 });
    expect(await counters("performer", domain.dayOf("2026-02-03"))).toEqual({ "Omar.Ali #1": 1 });
    expect(await counters("follow_up", domain.dayOf("2026-03-04"))).toEqual({});
  });

  it("is counted soon after: scores", async () => {
    const { id: customer_id } = await newCustomer();
    const { calculated_at, overall_score, risk_level } = (
      await cloud.manager.api.healthScores.calculate({ params: { customer_id }, body: null })
    ).body();
    await cloud.settled();
    expect(await counters("score", domain.dayOf(calculated_at))).toMatchObject({
      count: 1,
      overall: overall_score,
      [`risk|${risk_level}`]: 1,
    });
  });

  it("is counted soon after: invitations, answers and the alerts that they open", async () => {
    const { id: customer_id } = await newCustomer();
    const { csat, alerts } = cloud.manager.api;
    await csat.createLink({ body: { customer_id, survey_type: "nps" } });
    await csat.create({
      body: {
        customer_id,
        survey_type: "quarterly",
        score: 1,
        submitted_by_name: "Ada",
        submitted_by_email: "ada@example.com",
        feedback_text: "Slow",
      },
    });
    const [opened] = (await alerts.byCustomer({ params: { id: customer_id }, query: {} })).body().alerts;
    if (!opened) throw new Error("a low score opens an alert");
    await alerts.resolve({ params: { id: opened.id }, body: {} });
    await cloud.settled();
    const month = domain.monthOf(opened.created_at);
    expect(await counters("survey", month)).toEqual({
      ...{ "quarterly|count": 1, "quarterly|sum": 1, "nps|links": 1 },
    });
    expect(await counters("survey", domain.THEMES)).toEqual({ "-|slow": 1 });
    expect(await counters("survey_link", domain.ALL_DAYS)).toEqual({ "nps|open": 1 });
    expect(await counters("alert", domain.ALL_DAYS)).toMatchObject({ "low_csat|high|1": 1 });
    expect(await counters("alert_resolved", domain.ALL_DAYS)).toEqual({ count: 1, ms: expect.any(Number) });
    expect(await counters(`customer#${customer_id}`, domain.ALL_DAYS)).toEqual({
      "survey|quarterly|1": 1,
      "survey_link|nps|open": 1,
      "alert|low_csat|high|1": 1,
    });
  });

  it("leaves nothing for a recount to find", async () => {
    await cloud.settled();
    expect(await domain.rebuild({ write: false, settle: async () => undefined })).toMatchObject({
      drifts: [],
      moving: [],
      unreadable: [],
    });
  });
});

describe("the function that counts", () => {
  const day = () => counters("interaction", domain.dayOf("2026-01-15"));

  it("counts a record once, however often it is delivered", async () => {
    const before = (await day())["meeting|positive|0"] ?? 0;
    const [first, second] = [delivery(), delivery()];
    for (const batch of [[first, second], [first, second], [second], [first]])
      expect(await invoke(...batch)).toEqual({ batchItemFailures: [] });
    expect(await day()).toEqual({ "meeting|positive|0": before + 2 });
  });

  it("puts a record that can't be counted into the queue, with its content, and counts those around it", async () => {
    const before = (await day())["meeting|positive|0"] ?? 0;
    const poison = delivery((record) => ({
      dynamodb: {
        ...Object(record.dynamodb),
        SequenceNumber: "4711",
        NewImage: { __edb_e__: { S: "interaction" } },
      },
    }));
    const kept = async () => {
      const { SQSClient, GetQueueAttributesCommand } = await import("@aws-sdk/client-sqs");
      const { Attributes } = await new SQSClient({}).send(
        new GetQueueAttributesCommand({
          QueueUrl: cloud.environment.DEAD_LETTER_QUEUE_URL,
          AttributeNames: ["ApproximateNumberOfMessages"],
        }),
      );
      return Number(Attributes?.ApproximateNumberOfMessages);
    };
    const letters = await kept();
    // Kept there, it need not come again.
    expect(await invoke(delivery(), poison, delivery())).toEqual({ batchItemFailures: [] });
    expect(await kept()).toBe(letters + 1);
    expect(await day()).toEqual({ "meeting|positive|0": before + 2 });
  });
});
