import { randomUUID } from "node:crypto";
import { ActivityFilter } from "@success-manager/contract/dashboard";
import type { InteractionType } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type TestCloud, testCloud } from "../support/cloud.ts";
import { deploymentBody } from "../support/rows.ts";

let cloud: TestCloud;
let domain: typeof import("@success-manager/domain/dashboard") &
  typeof import("@success-manager/domain/table") &
  typeof import("@success-manager/domain/interactions");
let customer_id: string;
beforeAll(async () => {
  cloud = await testCloud();
  domain = {
    ...(await import("@success-manager/domain/dashboard")),
    ...(await import("@success-manager/domain/table")),
    ...(await import("@success-manager/domain/interactions")),
  };
  const { customers, deployments } = cloud.manager.api;
  customer_id = (await customers.create({ body: { company_name: "Acme", industry: "Energy" } })).body().id;
  for (const deployment_date of [inDays(-31), inDays(-30), inDays(0), inDays(1)])
    await deployments.create({ body: deploymentBody(customer_id, { deployment_date }) });
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = Date.now();
const at = (days: number) => new Date(NOW + days * DAY_MS).toISOString();
const inDays = (days: number) => at(days).slice(0, 10);

/** Writes interactions as they are stored. */
async function writeInteractions(instants: readonly string[], interaction_type: InteractionType = "meeting") {
  await domain.InteractionEntity.put(
    instants.map((interaction_date) =>
      domain.toStoredInteraction({
        id: randomUUID(),
        customer_id,
        interaction_type,
        subject: "Review",
        description: "Went through the figures.",
        sentiment: "neutral",
        performed_by: "Ada",
        interaction_date,
        follow_up_required: false,
      }),
    ),
  ).go();
}

const asked = async (query: z.input<typeof ActivityFilter> = {}) => {
  const { activities, total } = await domain.Dashboard.recentActivity(
    ActivityFilter.parse(query),
    new Date(NOW),
  );
  expect(total).toBe(activities.length);
  return activities;
};
const lines = async (query?: z.input<typeof ActivityFilter>) =>
  (await asked(query)).map(({ activity_type, timestamp }) => `${activity_type} ${timestamp.slice(0, 10)}`);

describe("recent activity", () => {
  it("is of the last thirty days up to today, what lies ahead is not there", async () => {
    await writeInteractions([at(-31), at(-30), at(-2), at(1), at(2)]);
    expect(await lines()).toEqual([
      `new_customer ${inDays(0)}`,
      `new_deployment ${inDays(0)}`,
      `interaction ${inDays(-2)}`,
      `interaction ${inDays(-30)}`,
      `new_deployment ${inDays(-30)}`,
    ]);
  });

  it("is of the days that are asked for, both included, also of such that are to come", async () => {
    expect(await lines({ start_date: inDays(-31), end_date: inDays(-30) })).toEqual([
      `interaction ${inDays(-30)}`,
      `new_deployment ${inDays(-30)}`,
      `interaction ${inDays(-31)}`,
      `new_deployment ${inDays(-31)}`,
    ]);
    expect(await lines({ start_date: inDays(1), end_date: inDays(1) })).toEqual([
      `interaction ${inDays(1)}`,
      `new_deployment ${inDays(1)}`,
    ]);
    // Thirty days before the last one.
    expect(await lines({ end_date: inDays(-2) })).toEqual([
      `interaction ${inDays(-2)}`,
      `interaction ${inDays(-30)}`,
      `new_deployment ${inDays(-30)}`,
      `interaction ${inDays(-31)}`,
      `new_deployment ${inDays(-31)}`,
    ]);
    expect(await lines({ start_date: inDays(1) })).toEqual([]);
  });

  it("is the newest of all kinds together", async () => {
    const { csat, alerts } = cloud.manager.api;
    const response = { survey_type: "nps" as const, score: 9, submitted_by_name: "Ada" };
    await csat.create({ body: { customer_id, ...response, submitted_by_email: "ada@example.com" } });
    await alerts.create({
      body: {
        customer_id,
        alert_type: "inactivity",
        severity: "low",
        title: "Silence",
        description: "Nobody calls. ".repeat(20),
      },
    });
    const all = await asked({ limit: 200 });
    expect(new Set(all.map(({ activity_type }) => activity_type)).size).toBe(5);
    for (const limit of [1, 2, 3, 5]) expect(await asked({ limit })).toEqual(all.slice(0, limit));
    expect(all.every(({ customer_name }) => customer_name === "Acme")).toBe(true);
    expect(all[0]).toMatchObject({
      activity_type: "alert",
      title: "Silence",
      description: `${"Nobody calls. ".repeat(7).trim()}…`,
      metadata: { severity: "low", alert_type: "inactivity", is_resolved: false },
    });
    expect(all[1]).toMatchObject({ title: "NPS Survey: 9/10", description: null });
    expect(all[2]).toMatchObject({
      activity_type: "new_customer",
      metadata: { contract_value: null, industry: "Energy" },
    });
  });

  it("asks for no more than it shows, whatever there is", async () => {
    const units = async () => {
      await asked();
      cloud.database.take();
      await asked({ limit: 20 });
      const requests = cloud.database.take();
      expect(requests.map(({ operation, index }) => `${operation} ${index}`)).toEqual(
        Array(4).fill("Query byType"),
      );
      return requests.reduce((sum, request) => sum + request.units, 0);
    };
    await writeInteractions(Array.from({ length: 20 }, (_, n) => at(-3 - n / 10)));
    const few = await units();
    for (let n = 0; n < 6; n++)
      await writeInteractions(Array.from({ length: 50 }, (_, m) => at(-6 - n - m / 100)));
    expect(await units()).toBeLessThanOrEqual(few * 1.2);
    expect(await asked({ limit: 200 })).toHaveLength(200);
  });
});
