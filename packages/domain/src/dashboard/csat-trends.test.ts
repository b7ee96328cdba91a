import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contributions, type Item } from "../counters/contributions.ts";
import { addTo, toContributions } from "../counters/counters.ts";
import { survey } from "../counters/fixture/items.ts";
import { monthOf } from "../counters/index.ts";
import { csatTrendsOf, type PeriodCounters } from "./trends.ts";

const MONTHS = ["2025-11", "2025-12", "2026-01"] as const;

/** What would be read of these months when these answers have been counted. */
function countedOf(items: readonly Item[]): PeriodCounters[] {
  const all = toContributions(addTo(new Map(), items.flatMap(contributions)));
  return MONTHS.map((period) => {
    const here = all.filter((one) => one.series === "survey" && one.period === monthOf(period));
    const counters = Object.fromEntries(here.map(({ counter, amount }) => [counter, amount]));
    return { period, counters: here.length > 0 ? counters : undefined };
  });
}

interface Answer {
  readonly survey_type: SurveyType;
  readonly score: number;
  readonly month: string;
  readonly product: Product | undefined;
  readonly feedback_text: string | undefined;
}

const answer: fc.Arbitrary<Answer> = fc
  .record({
    survey_type: fc.constantFrom(...SurveyType.options),
    onTen: fc.integer({ min: 0, max: 10 }),
    onFive: fc.integer({ min: 1, max: 5 }),
    month: fc.constantFrom(MONTHS[0], MONTHS[2]),
    product: fc.option(fc.constantFrom(...Product.options), { nil: undefined }),
    feedback_text: fc.constantFrom(undefined, "Great but slow"),
  })
  .map(({ onTen, onFive, ...rest }) => ({ ...rest, score: rest.survey_type === "nps" ? onTen : onFive }));

const stored = ({ month, product, feedback_text, ...rest }: Answer): Item =>
  survey({
    ...rest,
    submitted_at: `${month}-15T10:00:00.000Z`,
    ...(product && { product }),
    ...(feedback_text && { feedback_text }),
  });

/** Empty months before the first answer are left out. */
const fromFirst = <Point extends { readonly response_count: number }>(points: readonly Point[]) =>
  points.filter((_, n) => points.slice(0, n + 1).some(({ response_count }) => response_count > 0));

const mean = (scores: readonly number[]) =>
  scores.length === 0
    ? null
    : Number((scores.reduce((sum, one) => sum + one, 0) / scores.length + 1e-9).toFixed(2));

describe("a trend of satisfaction", () => {
  it("is what a recount of all answers comes to", () => {
    fc.assert(
      fc.property(fc.array(answer, { maxLength: 60 }), (answers) => {
        const points = (of: readonly Answer[]) =>
          fromFirst(
            MONTHS.map((period) => {
              const scores = of.filter(({ month }) => month === period).map(({ score }) => score);
              return {
                ...{ period, avg_score: mean(scores), response_count: scores.length },
                mean: expect.objectContaining({ n: scores.length, value: mean(scores) }),
              };
            }),
          );
        const onFive = answers.filter(({ survey_type }) => survey_type !== "nps");
        const found = csatTrendsOf(countedOf(answers.map(stored)));
        expect(found.overall).toEqual(points(onFive));
        expect(found.by_product).toEqual(
          Product.options
            .map((wanted) => onFive.filter(({ product }) => product === wanted))
            .filter((of) => of.length > 0)
            .map((of) => ({ product: of[0]?.product, trends: points(of) })),
        );
        expect(found.by_survey_type).toEqual(
          SurveyType.options
            .map((type) => answers.filter(({ survey_type }) => survey_type === type))
            .filter((of) => of.length > 0)
            .map((of) => ({ survey_type: of[0]?.survey_type, trends: points(of) })),
        );
        const nps = (month: string) =>
          answers.filter((one) => one.survey_type === "nps" && one.month === month);
        expect(found.nps.map(({ period, response_count }) => ({ period, response_count }))).toEqual(
          fromFirst(MONTHS.map((period) => ({ period, response_count: nps(period).length }))),
        );
        for (const { period: month, nps_score: shown } of found.nps) {
          const [promoters, detractors] = [
            nps(month).filter(({ score }) => score >= 9).length,
            nps(month).filter(({ score }) => score <= 6).length,
          ];
          const exact = (100 * (promoters - detractors)) / nps(month).length;
          if (nps(month).length === 0) expect(shown).toBeNull();
          else expect(Math.abs((shown ?? Number.NaN) - exact)).toBeLessThanOrEqual(0.5);
        }
      }),
    );
  });

  it("never mixes the two scales", () => {
    const answered = (survey_type: SurveyType, score: number): Item =>
      survey({ survey_type, score, submitted_at: "2025-12-01T00:00:00.000Z", product: "MonetX" });
    const items = [
      answered("nps", 10),
      answered("nps", 3),
      answered("quarterly", 2),
      answered("onboarding", 5),
    ];
    const december = <P extends { period: string }>(points: readonly P[]) =>
      points.find(({ period }) => period === "2025-12");
    const { overall, nps, by_product, by_survey_type } = csatTrendsOf(countedOf(items));
    expect(december(overall)).toEqual({
      ...{ period: "2025-12", avg_score: 3.5, response_count: 2 },
      mean: { value: 3.5, low: 1.1, high: 5, n: 2, response_rate: null },
    });
    expect(december(nps)).toEqual({
      ...{ period: "2025-12", nps_score: 0, response_count: 2 },
      nps: { shown: false, value: null, low: null, high: null, n: 2, response_rate: null },
    });
    expect(by_product.map(({ product, trends }) => [product, december(trends)?.avg_score])).toEqual([
      ["MonetX", 3.5],
    ]);
    expect(
      by_survey_type.map(({ survey_type, trends }) => [survey_type, december(trends)?.avg_score]),
    ).toEqual([
      ["quarterly", 2],
      ["nps", 6.5],
      ["onboarding", 5],
    ]);
  });

  it("leaves out a product that was only asked for its promoters", () => {
    const { by_product } = csatTrendsOf(
      countedOf([survey({ product: "GreenX", submitted_at: "2025-12-01T00:00:00.000Z" })]),
    );
    expect(by_product).toEqual([]);
  });

  it("begins with the first month that has answers; later ones without any are there", () => {
    const [december] = [survey({ survey_type: "quarterly", submitted_at: "2025-12-01T00:00:00.000Z" })];
    const { overall, nps } = csatTrendsOf(countedOf([december]));
    expect(overall.map(({ period, response_count }) => [period, response_count])).toEqual([
      ["2025-12", 1],
      ["2026-01", 0],
    ]);
    expect(nps).toEqual([]);
  });

  it("of no answers is empty", () => {
    expect(csatTrendsOf(countedOf([]))).toEqual({ overall: [], nps: [], by_product: [], by_survey_type: [] });
  });
});
