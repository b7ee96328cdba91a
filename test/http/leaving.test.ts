import type { NewInteraction } from "@success-manager/contract/interactions";
import type { CustomerStatus } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { deploymentBody } from "../support/rows.ts";

/** What ends when a customer leaves, what waits, and what is there again when they return. */

let cloud: TestCloud;
let api: Api;
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.manager.api;
});
afterAll(() => cloud?.stop());

const DAY_MS = 24 * 60 * 60 * 1000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString().slice(0, 10);

const create = async (company_name: string, body: object = {}) =>
  (await api.customers.create({ body: { company_name, status: "active", ...body } })).body().id;
const leave = async (id: string) => (await api.customers.remove({ params: { id } })).body();
const setStatus = async (id: string, status: CustomerStatus) =>
  (await api.customers.update({ params: { id }, body: { status } })).body();
const log = async (customer_id: string, changes: Partial<z.input<typeof NewInteraction>> = {}) =>
  (
    await api.interactions.create({
      body: {
        customer_id,
        interaction_type: "call",
        subject: "Call",
        description: "Talked.",
        follow_up_required: true,
        ...changes,
      },
    })
  ).body();

const pending = async (query: object = {}) => {
  const { followups, total } = (await api.interactions.pendingFollowups({ query })).body();
  return {
    total,
    of: followups.map(({ customer_name, follow_up_date }) => `${customer_name} ${follow_up_date}`),
  };
};
const counted = async () => {
  await cloud.settled();
  const { pending_followups, overdue_followups } = (await api.interactions.summary({})).body();
  return { pending_followups, overdue_followups, total: (await pending()).total };
};
const detailOf = ({ raw }: { raw: unknown }) => (raw as { detail: string }).detail;

describe("a customer who leaves", () => {
  let id: string;
  let stays: string;
  beforeAll(async () => {
    const body = { contract_end_date: inDays(20), contract_value: "1000.00" };
    [id, stays] = [await create("Leaves", body), await create("Stays", body)];
    for (const customer_id of [id, stays]) {
      for (const due of [-3, 4, undefined])
        await log(customer_id, { ...(due !== undefined && { follow_up_date: inDays(due) }) });
      (
        await api.deployments.create({
          body: deploymentBody(customer_id, { deployment_date: inDays(-90), license_expiry: inDays(9) }),
        })
      ).body();
      (await api.healthScores.calculate({ params: { customer_id }, body: null })).body();
    }
    expect(await counted()).toEqual({ pending_followups: 6, overdue_followups: 2, total: 6 });
    await leave(id);
  });

  it("has no open follow-up, in the list and in all counts", async () => {
    const [overdue, ahead] = [`Stays ${inDays(-3)}`, `Stays ${inDays(4)}`];
    // In the very next answer.
    expect(await pending()).toEqual({ total: 3, of: [overdue, ahead, "Stays null"] });
    expect(await pending({ include_overdue: false })).toMatchObject({ of: [ahead] });
    expect(await counted()).toEqual({ pending_followups: 3, overdue_followups: 1, total: 3 });
    await cloud.settled();
    expect(await pending({ include_overdue: false })).toEqual({ total: 1, of: [ahead] });
  });

  it("is on no list of what is to come, and in no figure", async () => {
    const only = (names: readonly (string | null)[]) => expect(names).toEqual(["Stays"]);
    only((await api.deployments.expiring({})).body().deployments.map((one) => one.customer_name));
    only((await api.customers.expiringSoon({ query: {} })).body().map((one) => one.company_name));
    only((await api.customers.atRisk({ query: {} })).body().map((one) => one.company_name));
    const below = (await api.healthScores.atRisk({ query: { threshold: 100 } })).body();
    only(below.customers.map((one) => one.company_name));
    const renewals = (await api.dashboard.upcomingRenewals({})).body();
    only(renewals.renewals_30_days.map((one) => one.company_name));
    only((await api.dashboard.needsAttention({})).body().map(({ customer }) => customer.company_name));
    expect((await api.deployments.stats({})).body()).toMatchObject({
      total_active: 1,
      expiring_in_30_days: 1,
      churned_customers: 1,
    });
    const figures = { total_customers: 1, churned_customers: 1, total_contract_value: 1000 };
    expect((await api.dashboard.stats({})).body()).toMatchObject({ ...figures, total_deployments: 1 });
    expect((await api.dashboard.overview({})).body()).toMatchObject(figures);
  });

  it("can have interactions logged still, whose follow-ups wait", async () => {
    const { follow_up_required } = await log(id, { follow_up_date: inDays(1) });
    expect(follow_up_required).toBe(true);
    const { id: last } = await log(id, { follow_up_required: false });
    (await api.interactions.update({ params: { id: last }, body: { follow_up_required: true } })).body();
    expect(await counted()).toEqual({ pending_followups: 3, overdue_followups: 1, total: 3 });
  });

  it("gets no survey link, with a sentence that says why; who has one may still answer", async () => {
    const back = await create("Is asked");
    const link = async (customer_id: string) =>
      api.csat.createLink({ body: { customer_id, survey_type: "quarterly" } });
    const { token } = (await link(back)).body();
    const asked = (
      await api.surveyRequests.create({
        body: {
          customer_id: back,
          survey_type: "nps",
          target_type: "specific",
          target_email: "eve@example.com",
        },
      })
    ).body();
    await leave(back);
    const refused = await link(back);
    expect(refused.status).toBe(409);
    expect(detailOf(refused)).toMatch(/has left.*PUT \/customers\//);
    const request = await api.surveyRequests.create({
      body: {
        customer_id: back,
        survey_type: "nps",
        target_type: "specific",
        target_email: "eve@example.com",
      },
    });
    expect([request.status, detailOf(request)]).toEqual([409, expect.stringContaining("has left")]);
    for (const { id } of asked) {
      const reminded = await api.surveyRequests.remind({ params: { id } });
      expect([reminded.status, detailOf(reminded)]).toEqual([409, expect.stringContaining("has left")]);
    }
    const answer = { score: 4, submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
    const submitted = await cloud.stranger.csat.publicSubmit({ params: { token }, body: answer });
    expect(submitted.status).toBe(200);
    await setStatus(back, "active");
    expect((await link(back)).status).toBe(200);
  });

  it("keeps the name; who wants to create them again is told how to bring them back", async () => {
    const taken = await api.customers.create({ body: { company_name: " LEAVES " } });
    expect([taken.status, detailOf(taken)]).toEqual([
      409,
      expect.stringMatching(new RegExp(`has left.*PUT /customers/${id}`)),
    ]);
    const renamed = await api.customers.update({ params: { id: stays }, body: { company_name: "leaves" } });
    expect([renamed.status, detailOf(renamed)]).toEqual([409, expect.stringContaining("has left")]);
    const other = await api.customers.create({ body: { company_name: "stays" } });
    expect([other.status, detailOf(other)]).toEqual([409, "Another customer has this company name already."]);
  });

  it("who returns has all of it again, also what was logged meanwhile", async () => {
    await setStatus(id, "active");
    expect(await counted()).toEqual({ pending_followups: 8, overdue_followups: 2, total: 8 });
    expect((await pending()).of.filter((one) => one.startsWith("Leaves"))).toHaveLength(5);
    expect((await api.deployments.expiring({})).body().total).toBe(2);
    expect((await api.dashboard.stats({})).body()).toMatchObject({ total_contract_value: 2000 });
  });
});

it("leaves nothing open of many follow-ups, however they and the leaving cross", async () => {
  const before = (await counted()).pending_followups;
  const id = await create("Busy");
  for (let n = 0; n < 11; n++)
    await Promise.all(Array.from({ length: 10 }, () => log(id, { follow_up_date: inDays(n) })));
  await Promise.all([
    leave(id),
    ...Array.from({ length: 10 }, (_, n) => log(id, { follow_up_date: inDays(n) })),
  ]);
  // Doing it again changes nothing, and finds what an index told late.
  await leave(id);
  expect(await counted()).toMatchObject({ pending_followups: before, total: before });
  await setStatus(id, "onboarding");
  expect(await counted()).toMatchObject({ pending_followups: before + 120, total: before + 120 });
});
