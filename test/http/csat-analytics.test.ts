import { randomUUID } from "node:crypto";
import type { NewSurvey } from "@success-manager/contract/surveys";
import type { Product, SurveyType } from "@success-manager/contract/vocabulary";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type * as z from "zod";
import { type Api, type TestCloud, testCloud } from "../support/cloud.ts";
import { deploymentBody } from "../support/rows.ts";

let cloud: TestCloud;
let api: Api;
let customer_id: string;
const deployments = new Map<Product, string>();
beforeAll(async () => {
  cloud = await testCloud();
  api = cloud.viewer.api;
});
afterAll(() => cloud?.stop());

/** The middle of a calendar month, so many before this one; the present one as early as it has been. */
function inMonth(before: number): string {
  const now = new Date();
  if (before === 0) return new Date(now.getTime() - 1000).toISOString();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - before, 15)).toISOString();
}
const monthOf = (before: number) => inMonth(before).slice(0, 7);

interface PastSurvey {
  readonly type: SurveyType;
  readonly score: number;
  /** How many months ago. */
  readonly ago?: number;
  readonly product?: Product;
  readonly text?: string;
  readonly owner?: string;
}

/** Responses as they would be stored had they come in the past. */
async function putSurveys(past: readonly PastSurvey[]) {
  const { toStoredSurvey } = await import("@success-manager/domain/surveys");
  const { SurveyEntity } = await import("@success-manager/domain/table");
  const surveys = past.map(({ type, score, ago = 0, product, text, owner = customer_id }, n) =>
    toStoredSurvey(
      {
        id: randomUUID(),
        customer_id: owner,
        survey_type: type,
        score,
        submitted_by_name: `Person ${n}`,
        submitted_by_email: "person@example.com",
        submitted_at: inMonth(ago),
        ...(product && { product, product_deployment_id: deployments.get(product) ?? "" }),
        ...(text && { feedback_text: text }),
      },
      "Nordlicht",
    ),
  );
  await SurveyEntity.put(surveys).go();
  await cloud.settled();
}

const newCustomer = async (company_name: string) =>
  (await cloud.manager.api.customers.create({ body: { company_name } })).body().id;

const record = async (changes: object) => {
  const body: z.input<typeof NewSurvey> = {
    customer_id,
    survey_type: "quarterly",
    score: 4,
    submitted_by_name: "Ada",
    submitted_by_email: "ada@example.com",
    ...changes,
  };
  return (await api.csat.create({ body })).body();
};

const analytics = async () => (await api.csat.analytics({})).body();
const summary = async (id = customer_id) => (await api.csat.summary({ params: { customer_id: id } })).body();

const NO_MEAN = { value: null, low: null, high: null, n: 0, response_rate: null };
const NO_CHANGE = { difference: null, low: null, high: null, clear: false };
/** Of fewer than five answers. */
const fewNps = (n: number) => ({ ...NO_MEAN, shown: false, n });

describe("without any responses", () => {
  it("analytics are empty, not wrong", async () => {
    expect(await analytics()).toEqual({
      total_responses: 0,
      avg_csat: null,
      csat_trend: 0,
      nps_score: null,
      nps_trend: 0,
      ...{ csat: NO_MEAN, csat_change: NO_CHANGE, nps: fewNps(0), nps_change: NO_CHANGE },
      promoters_pct: 0,
      passives_pct: 0,
      detractors_pct: 0,
      promoters_count: 0,
      passives_count: 0,
      detractors_count: 0,
      last_month_responses: 0,
      response_rate: 0,
      by_product: [],
      by_survey_type: {},
      monthly_trend: [],
      top_themes: { positive: [], negative: [] },
    });
  });

  it("a customer's summary is, too; one of nobody is not found", async () => {
    const id = await newCustomer("Silent");
    expect(await summary(id)).toEqual({
      customer_id: id,
      customer_name: "Silent",
      total_responses: 0,
      total_surveys: 0,
      average_csat: null,
      avg_csat: null,
      nps_score: null,
      ...{ csat: NO_MEAN, nps: fewNps(0) },
      low_scores: 0,
      response_count_by_type: {},
      score_trend: [],
      recent_feedback: [],
    });
    expect((await api.csat.summary({ params: { customer_id: randomUUID() } })).status).toBe(404);
  });
});

describe("with responses", () => {
  beforeAll(async () => {
    customer_id = await newCustomer("Nordlicht");
    for (const product_name of ["MonetX", "SupportX"] as const) {
      const { id } = (
        await cloud.manager.api.deployments.create({
          body: deploymentBody(customer_id, { product_name }),
        })
      ).body();
      deployments.set(product_name, id);
    }
    await putSurveys([
      { type: "quarterly", score: 5, product: "MonetX", text: "Great and fast" },
      { type: "post_ticket", score: 4, product: "MonetX" },
      { type: "nps", score: 10, product: "MonetX" },
      { type: "nps", score: 6 },
      { type: "quarterly", score: 3, ago: 1, product: "MonetX", text: "slow" },
      { type: "onboarding", score: 2, ago: 1 },
      { type: "nps", score: 9, ago: 1 },
      { type: "nps", score: 8, ago: 2, product: "SupportX" },
      { type: "quarterly", score: 1, ago: 14 },
    ]);
  });

  it("the scales are never mixed", async () => {
    expect(await analytics()).toMatchObject({
      total_responses: 9,
      // (5 + 4 + 3 + 2 + 1) / 5, and 3 of 4 NPS responses are promoters or passives
      avg_csat: 3,
      nps_score: 25,
      promoters_count: 2,
      passives_count: 1,
      detractors_count: 1,
      promoters_pct: 50,
      passives_pct: 25,
      detractors_pct: 25,
      by_survey_type: {
        quarterly: { count: 3, average: 3 },
        post_ticket: { count: 1, average: 4 },
        onboarding: { count: 1, average: 2 },
        nps: { count: 4, average: 8.25 },
      },
    });
  });

  it("this month is compared with the last", async () => {
    expect(await analytics()).toMatchObject({
      last_month_responses: 3,
      // 4.5 after 2.5, and 0 after 100
      csat_trend: 2,
      nps_trend: -100,
    });
  });

  it("the months of a year follow each other, each scale for itself", async () => {
    const { monthly_trend } = await analytics();
    expect(monthly_trend).toMatchObject([
      {
        month: monthOf(2),
        average_score: null,
        nps_score: 0,
        response_count: 1,
        csat: NO_MEAN,
        nps: fewNps(1),
      },
      { month: monthOf(1), average_score: 2.5, nps_score: 100, response_count: 3, nps: fewNps(1) },
      { month: monthOf(0), average_score: 4.5, nps_score: 0, response_count: 4, nps: fewNps(2) },
    ]);
    expect(monthly_trend[2]?.csat).toMatchObject({ value: 4.5, n: 2, response_rate: null });
  });

  it("products have figures, the spread of scores, and what was written last", async () => {
    const { by_product } = await analytics();
    expect(by_product).toEqual([
      {
        product: "MonetX",
        avg_score: 4,
        nps_score: 100,
        csat: { value: 4, low: 2.48, high: 5, n: 3, response_rate: null },
        nps: fewNps(1),
        csat_change: expect.objectContaining({ difference: 1.5, clear: false }),
        response_count: 4,
        // 4.5 after 3
        trend: 1.5,
        distribution: { "1": 0, "2": 0, "3": 1, "4": 1, "5": 1 },
        recent_feedback: [
          {
            customer_name: "Nordlicht",
            survey_type: "quarterly",
            score: 5,
            comment: "Great and fast",
            submitted_at: expect.any(String),
          },
          {
            customer_name: "Nordlicht",
            survey_type: "quarterly",
            score: 3,
            comment: "slow",
            submitted_at: inMonth(1),
          },
        ],
      },
      {
        product: "SupportX",
        avg_score: null,
        nps_score: 0,
        ...{ csat: NO_MEAN, nps: fewNps(1), csat_change: NO_CHANGE },
        response_count: 1,
        trend: 0,
        distribution: { "1": 0, "2": 0, "3": 0, "4": 0, "5": 0 },
        recent_feedback: [],
      },
    ]);
  });

  it("words of praise and blame are counted", async () => {
    const { top_themes } = await analytics();
    expect(top_themes?.positive).toContainEqual({ keyword: "great", count: 1 });
    expect(top_themes?.negative).toContainEqual({ keyword: "slow", count: 1 });
  });

  it("a customer's summary says the same of that customer", async () => {
    const other = await newCustomer("Südlicht");
    await putSurveys([{ type: "quarterly", score: 1, owner: other }]);
    const mine = await summary();
    expect(mine).toMatchObject({
      customer_name: "Nordlicht",
      total_responses: 9,
      total_surveys: 9,
      average_csat: 3,
      avg_csat: 3,
      nps_score: 25,
      // 2 and 1 of 5, and an NPS of 6
      low_scores: 3,
      response_count_by_type: { quarterly: 3, post_ticket: 1, onboarding: 1, nps: 4 },
      score_trend: [
        { month: monthOf(2), average_score: null, nps_score: 0, response_count: 1 },
        { month: monthOf(1), average_score: 2.5, nps_score: 100, response_count: 3 },
        { month: monthOf(0), average_score: 4.5, nps_score: 0, response_count: 4 },
      ],
    });
    expect(mine.recent_feedback).toHaveLength(5);
    const dates = mine.recent_feedback.map(({ submitted_at }) => submitted_at);
    expect(dates).toEqual(dates.toSorted().reverse());
    expect(mine.recent_feedback).toContainEqual(
      expect.objectContaining({ survey_type: "quarterly", score: 5, feedback: "Great and fast" }),
    );
  });

  it("the newest responses stand in the summary at once, also among many interactions", async () => {
    const id = await newCustomer("Talkative");
    await record({ customer_id: id, score: 5, feedback_text: "First" });
    for (let n = 0; n < 60; n++)
      await cloud.manager.api.interactions.create({
        body: { customer_id: id, interaction_type: "call", subject: "Call", description: "Talked." },
      });
    await cloud.settled();
    expect((await summary(id)).recent_feedback.map(({ feedback }) => feedback)).toEqual(["First"]);
    await record({ customer_id: id, score: 4, feedback_text: "Second" });
    const { recent_feedback, total_responses } = await summary(id);
    expect(recent_feedback[0]).toMatchObject({ feedback: "Second", submitted_by: "Ada" });
    expect(total_responses).toBeGreaterThanOrEqual(1);
    await cloud.settled();
    expect((await summary(id)).recent_feedback.map(({ feedback }) => feedback)).toEqual(["Second", "First"]);
    expect((await summary(id)).total_responses).toBe(2);
  });

  it("recorded feedback about a product shows among the newest five", async () => {
    const product_deployment_id = deployments.get("MonetX");
    for (let n = 1; n <= 6; n++) await record({ product_deployment_id, feedback_text: `Comment ${n}` });
    await record({ product_deployment_id });
    await cloud.settled();
    const [monetX] = (await analytics()).by_product;
    expect(monetX?.recent_feedback.map(({ comment }) => comment)).toEqual([
      "Comment 6",
      "Comment 5",
      "Comment 4",
      "Comment 3",
      "Comment 2",
    ]);
  });
});

describe("the response rate", () => {
  it("is the part of all links that were answered", async () => {
    const make = async () =>
      (await cloud.manager.api.csat.createLink({ body: { customer_id, survey_type: "nps" } })).body();
    const [first, second, third] = [await make(), await make(), await make()];
    const answer = { score: 9, submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
    (await cloud.stranger.csat.publicSubmit({ params: { token: first.token }, body: answer })).body();
    (await cloud.manager.api.csat.revokeLink({ params: { id: second.id } })).body();
    expect((await cloud.stranger.csat.publicInfo({ params: { token: third.token } })).status).toBe(200);
    await cloud.settled();
    expect((await analytics()).response_rate).toBe(33.3);
  });
});

describe("what figures are worth", () => {
  it("has the response rate of the links of a month, of a product, and of the last 90 days", async () => {
    const id = await newCustomer("Asked about a product");
    const deployment = await cloud.manager.api.deployments.create({
      body: deploymentBody(id, { product_name: "GreenX" }),
    });
    const product_deployment_id = deployment.body().id;
    const rates = async () => {
      await cloud.settled();
      const { by_product, monthly_trend, by_survey_type } = await analytics();
      const trends = (await api.dashboard.csatTrends({ query: {} })).body();
      const products = (await api.dashboard.productPerformance({})).body().products;
      return {
        product: by_product.find(({ product }) => product === "GreenX")?.csat.response_rate,
        performance: products.find(({ product }) => product === "GreenX")?.csat.response_rate,
        month: monthly_trend.at(-1)?.csat.response_rate,
        type: by_survey_type.onboarding?.mean.response_rate,
        trend: trends.overall.at(-1)?.mean.response_rate,
        trend_of_product: trends.by_product.find(({ product }) => product === "GreenX")?.trends.at(-1)?.mean
          .response_rate,
        own: (await summary(id)).score_trend.at(-1)?.csat.response_rate,
        days: (await api.dashboard.overview({})).body().csat_90_days.response_rate,
      };
    };
    const make = async () =>
      (
        await cloud.manager.api.csat.createLink({
          body: { customer_id: id, survey_type: "onboarding", product_deployment_id },
        })
      ).body();
    const [first] = [await make(), await make(), await make()];
    expect(await rates()).toMatchObject({ product: undefined, month: 0, days: 0 });
    const answer = { score: 4, submitted_by_name: "Ada", submitted_by_email: "ada@example.com" };
    await api.csat.publicSubmit({ params: { token: first?.token ?? "" }, body: answer });
    // An answer that somebody typed in is an answer, of no link.
    await record({ customer_id: id, survey_type: "onboarding", product_deployment_id });
    expect(await rates()).toEqual({
      ...{ product: 33.3, performance: 33.3, month: 33.3, type: 33.3 },
      ...{ trend: 33.3, trend_of_product: 33.3, own: 33.3, days: 33.3 },
    });
  });

  it("is their sample, its interval and the response rate, of a customer as of all", async () => {
    const id = await newCustomer("Asked");
    const links = [];
    for (let n = 0; n < 4; n++)
      links.push(
        (
          await cloud.manager.api.csat.createLink({
            body: { customer_id: id, survey_type: n < 2 ? "nps" : "quarterly" },
          })
        ).body(),
      );
    const answered = await api.csat.publicSubmit({
      params: { token: links[0]?.token ?? "" },
      body: { score: 10, submitted_by_name: "Ada", submitted_by_email: "ada@example.com" },
    });
    expect(answered.status).toBe(200);
    const before = await analytics();
    for (const score of [9, 10, 8]) await record({ customer_id: id, survey_type: "nps", score });
    await cloud.settled();
    expect((await summary(id)).nps).toEqual({ ...fewNps(4), response_rate: 50 });
    expect((await summary(id)).nps_score).toBe(75);
    await record({ customer_id: id, survey_type: "nps", score: 2 });
    await record({ customer_id: id, score: 5 });
    await record({ customer_id: id, score: 4 });
    await cloud.settled();
    const mine = await summary(id);
    expect(mine.nps).toEqual({ shown: true, value: 40, low: -30, high: 80, n: 5, response_rate: 50 });
    expect(mine.csat).toMatchObject({ value: 4.5, n: 2, response_rate: 0 });
    expect(mine.csat.low).toBeLessThan(4.5);
    const page = (await api.customers.get({ params: { id } })).body();
    expect(page.csat_summary).toMatchObject({ csat: mine.csat, nps: mine.nps });
    const after = await analytics();
    expect(after.nps.n).toBeGreaterThanOrEqual(before.nps.n + 4);
    expect(after.nps).toMatchObject({ shown: true, value: after.nps_score });
    expect(after.by_survey_type.nps?.mean).toMatchObject({ value: after.by_survey_type.nps?.average });
    expect((await api.dashboard.stats({})).body()).toMatchObject({ csat: after.csat, nps: after.nps });
  });
});
