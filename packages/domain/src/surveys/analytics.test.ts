import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contributions, type Item } from "../counters/contributions.ts";
import { addTo, toContributions, withoutZeros } from "../counters/counters.ts";
import { survey, surveyLink } from "../counters/fixture/items.ts";
import { ALL_DAYS } from "../counters/index.ts";
import { feedbackOf, newestFeedback } from "../counters/stream/feedback.ts";
import { analyticsOf } from "./analytics.ts";

const NOW = new Date("2026-03-20T12:00:00.000Z");

interface Response {
  readonly id: string;
  readonly customer_id: string;
  readonly survey_type: SurveyType;
  readonly score: number;
  readonly submitted_at: string;
  readonly product?: Product | undefined;
  readonly feedback_text?: string | undefined;
}

const response: fc.Arbitrary<Response> = fc
  .record({
    id: fc.uuid(),
    customer_id: fc.constantFrom("c1", "c2", "gone"),
    survey_type: fc.constantFrom(...SurveyType.options),
    onTen: fc.integer({ min: 0, max: 10 }),
    onFive: fc.integer({ min: 1, max: 5 }),
    submitted_at: fc
      .date({ min: new Date("2025-01-01"), max: NOW, noInvalidDate: true })
      .map((date) => date.toISOString()),
    product: fc.option(fc.constantFrom(...Product.options), { nil: undefined }),
    feedback_text: fc.constantFrom(undefined, "Great but slow", "The reports are slow.", "Not bad"),
  })
  .map(({ onTen, onFive, ...rest }) => ({ ...rest, score: rest.survey_type === "nps" ? onTen : onFive }));

/** What the stream leaves of these items, as it is read. */
function followed(items: readonly Item[]) {
  const all = toContributions(withoutZeros(addTo(new Map(), items.flatMap(contributions))));
  const countersOf = (wanted: string, period: string) =>
    Object.fromEntries(
      all
        .filter((one) => one.series === wanted && one.period === period)
        .map(({ counter, amount }) => [counter, amount]),
    );
  const feedback = Map.groupBy(
    items.flatMap((item) => feedbackOf(item) ?? []),
    ({ product }) => product,
  );
  return {
    satisfaction: {
      counters: new Map(all.map(({ period }) => [period, countersOf("survey", period)])),
      feedback: new Map(
        Array.from(feedback, ([product, found]) => [
          product,
          newestFeedback(found.map(({ feedback }) => feedback)),
        ]),
      ),
    },
    directory: {
      totals: (series: string) => countersOf(series, ALL_DAYS),
      customers: new Map(
        ["c1", "c2"].map((id) => [id, { customer: { company_name: `Company ${id}` } }]),
      ) as never,
    },
  };
}

const round = (value: number, digits: number) => Number((value + 1e-9).toFixed(digits));
const isNps = ({ survey_type }: Response) => survey_type === "nps";

/** The mean of all that is not NPS. */
function meanOf(some: readonly Response[]) {
  const scores = some.filter((one) => !isNps(one)).map(({ score }) => score);
  return scores.length === 0 ? null : round(scores.reduce((a, b) => a + b, 0) / scores.length, 2);
}

/** Percentage of promoters less that of detractors, halves to the even neighbor. */
function npsOf(some: readonly Response[]) {
  const scores = some.filter(isNps).map(({ score }) => score);
  if (scores.length === 0) return null;
  const exact =
    (100 * (scores.filter((score) => score >= 9).length - scores.filter((score) => score <= 6).length)) /
    scores.length;
  const floor = Math.floor(exact);
  if (exact - floor === 0.5) return (floor % 2 === 0 ? floor : floor + 1) + 0;
  return Math.round(exact) + 0;
}

const between = (now: number | null, before: number | null) =>
  now === null || before === null ? 0 : round(Math.abs(now - before), 2) * Math.sign(now - before) + 0;

const inMonth = (all: readonly Response[], month: string) =>
  all.filter(({ submitted_at }) => submitted_at.startsWith(month));

const MONTHS = [
  ...["03", "04", "05", "06", "07", "08", "09", "10", "11", "12"].map((month) => `2025-${month}`),
  ...["01", "02", "03"].map((month) => `2026-${month}`),
];

/** What the page says, counted from the responses themselves. */
function expected(all: readonly Response[]) {
  const nps = all.filter(isNps);
  const change = (figure: (some: readonly Response[]) => number | null, some = all) =>
    between(figure(inMonth(some, "2026-03")), figure(inMonth(some, "2026-02")));
  return {
    total_responses: all.length,
    avg_csat: meanOf(all),
    csat_trend: change(meanOf),
    nps_score: npsOf(all),
    nps_trend: change(npsOf),
    promoters_count: nps.filter(({ score }) => score >= 9).length,
    detractors_count: nps.filter(({ score }) => score <= 6).length,
    passives_count: nps.filter(({ score }) => score === 7 || score === 8).length,
    last_month_responses: inMonth(all, "2026-02").length,
    monthly_trend: MONTHS.map((month) => ({ month, of: inMonth(all, month) }))
      .filter(({ of }) => of.length > 0)
      .map(({ month, of }) => ({
        month,
        average_score: meanOf(of),
        nps_score: npsOf(of),
        response_count: of.length,
      })),
    by_survey_type: Object.fromEntries(
      SurveyType.options
        .map((type) => [type, all.filter(({ survey_type }) => survey_type === type)] as const)
        .filter(([, some]) => some.length > 0)
        .map(([type, some]) => [
          type,
          {
            count: some.length,
            average: round(some.reduce((sum, { score }) => sum + score, 0) / some.length, 2),
          },
        ]),
    ),
    by_product: Product.options
      .map((product) => ({ product, about: all.filter((one) => one.product === product) }))
      .filter(({ about }) => about.length > 0)
      .map(({ product, about }) => ({
        product,
        avg_score: meanOf(about),
        nps_score: npsOf(about),
        response_count: about.length,
        trend: change(meanOf, about),
        distribution: Object.fromEntries(
          [1, 2, 3, 4, 5].map((score) => [
            String(score),
            about.filter((one) => !isNps(one) && one.score === score).length,
          ]),
        ),
        recent_feedback: about
          .filter(({ feedback_text }) => feedback_text)
          .sort((a, b) => (`${a.submitted_at}#${a.id}` < `${b.submitted_at}#${b.id}` ? 1 : -1))
          .slice(0, 5)
          .map((one) => ({
            customer_name: one.customer_id === "gone" ? null : `Company ${one.customer_id}`,
            survey_type: one.survey_type,
            score: one.score,
            comment: one.feedback_text,
            submitted_at: one.submitted_at,
          })),
      })),
  };
}

describe("satisfaction over all customers", () => {
  it("is what a recount of all responses comes to", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(response, { maxLength: 80 }), async (all) => {
        const { satisfaction, directory } = followed(all.map(({ ...facts }) => survey(facts)));
        expect(await analyticsOf(satisfaction, directory, NOW)).toMatchObject(expected(all));
      }),
      { numRuns: 300 },
    );
  });

  it("knows the rate of answered links, and what responses praise and complain about", async () => {
    const at = "2026-03-01T08:00:00.000Z";
    const links = [surveyLink(), surveyLink({ answered_at: at }), surveyLink({ revoked_at: at })];
    const { satisfaction, directory } = followed([...links, survey({ feedback_text: "Great but slow" })]);
    expect(await analyticsOf(satisfaction, directory, NOW)).toMatchObject({
      response_rate: 33.3,
      top_themes: {
        positive: [{ keyword: "great", count: 1 }],
        negative: [{ keyword: "slow", count: 1 }],
      },
    });
  });
});
