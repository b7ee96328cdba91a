import { Product, SurveyType } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ALL_MONTHS, addTo, Counting, monthOf, type PeriodSums } from "../counters/index.ts";
import {
  addLinks,
  CSAT_TYPES,
  countLinks,
  difference,
  type LinkCounts,
  monthlyTrend,
  monthsSince,
  parseMonth,
  parseProduct,
  parseScoreCounts,
  responseRate,
  sumMonth,
} from "./nps.ts";

describe("calendar months", () => {
  it("follow each other over the turn of a year", () => {
    expect(monthsSince(60, new Date("2026-01-31T23:59:59.999Z"))).toEqual(["2025-12", "2026-01"]);
  });

  it("of the last 365 days are thirteen", () => {
    const months = monthsSince(365, new Date("2026-11-22T00:00:00Z"));
    expect(months).toHaveLength(13);
    expect([months[0], months.at(-1)]).toEqual(["2025-11", "2026-11"]);
  });
});

const NO_MEAN = { value: null, low: null, high: null, n: 0, response_rate: null };
/** Of fewer than five answers. */
const fewNps = (n: number) => ({ shown: false, value: null, low: null, high: null, n, response_rate: null });

describe("a monthly trend", () => {
  it("leaves out months without responses, and keeps the scales apart", () => {
    const quarterly = { "quarterly|count": 3, "quarterly|sum": 14 };
    const months = {
      "2026-01": { ...quarterly, "nps|count": 3, "nps|sum": 30, promoters: 3, "product|MonetX|count": 3 },
      "2026-02": undefined,
      "2026-03": { "nps|count": 1, detractors: 1 },
    };
    expect(
      monthlyTrend(Object.entries(months).map(([month, counters]) => [month, parseMonth(counters)])),
    ).toEqual([
      {
        ...{ month: "2026-01", average_score: 4.67, nps_score: 100, response_count: 6 },
        csat: { value: 4.67, low: 2.72, high: 5, n: 3, response_rate: null },
        nps: fewNps(3),
      },
      {
        ...{ month: "2026-03", average_score: null, nps_score: -100, response_count: 1 },
        ...{ csat: NO_MEAN, nps: fewNps(1) },
      },
    ]);
  });

  it("reads a customer's own counters by their prefix", () => {
    const own = parseScoreCounts({ "survey|nps|9": 1, "interaction|call|neutral|0": 7 }, "survey|");
    expect(monthlyTrend([["2026-01", sumMonth(own, undefined)]])).toEqual([
      {
        ...{ month: "2026-01", average_score: null, nps_score: 100, response_count: 1 },
        ...{ csat: NO_MEAN, nps: fewNps(1) },
      },
    ]);
  });
});

describe("response rates", () => {
  const MONTHS = ["2026-01", "2026-02", "2026-03"];
  const link = fc.record({
    customer_id: fc.constantFrom("a", "b"),
    survey_type: fc.constantFrom(...SurveyType.options),
    product: fc.option(fc.constantFrom(...Product.options), { nil: undefined }),
    created_at: fc
      .tuple(fc.constantFrom(...MONTHS), fc.integer({ min: 1, max: 28 }))
      .map(([month, day]) => `${month}-${String(day).padStart(2, "0")}T12:00:00.000Z`),
    became: fc.constantFrom("open", "answered", "revoked"),
  });
  type Link = typeof link extends fc.Arbitrary<infer T> ? T : never;
  const at = "2026-04-01T08:00:00.000Z";
  const stored = ({ became, ...made }: Link) => ({
    ...{ ...made, expires_at: "2026-05-01T00:00:00.000Z" },
    ...(became === "answered" && { answered_at: at }),
    ...(became === "revoked" && { revoked_at: at }),
  });

  /** As the stream counts them: each link when it is made, and once more when something becomes of it. */
  function count(links: readonly Link[]) {
    const sums = new Map<string, PeriodSums>();
    for (const one of links) {
      const made = Counting.ofSurveyLink(stored({ ...one, became: "open" }));
      addTo(sums, made);
      addTo(sums, made, -1);
      addTo(sums, Counting.ofSurveyLink(stored(one)));
    }
    return (series: string, period: string) =>
      Object.fromEntries(
        [...sums.values()].find((one) => one.series === series && one.period === period)?.counters ?? [],
      );
  }

  it("of months, products, customers and days are what looking at each link gives, and never above 100 %", () => {
    fc.assert(
      fc.property(fc.array(link, { maxLength: 40 }), (links) => {
        const counters = count(links);
        const holds = (found: LinkCounts, takes: (one: Link) => boolean) => {
          const made = links.filter(takes);
          const answered = made.filter(({ became }) => became === "answered").length;
          expect(found).toEqual({ created: made.length, answered });
          const rate = responseRate(found);
          if (made.length === 0) expect(rate).toBeNull();
          else expect(rate).toBeCloseTo((100 * answered) / made.length, 0);
          expect(rate ?? 0).toBeLessThanOrEqual(100);
        };
        const isNps = ({ survey_type }: Link) => survey_type === "nps";
        for (const month of MONTHS) {
          const inMonth = ({ created_at }: Link) => created_at.startsWith(month);
          const found = parseMonth(counters("survey", monthOf(month)));
          holds(found.links.csat, (one) => inMonth(one) && !isNps(one));
          holds(found.links.nps, (one) => inMonth(one) && isNps(one));
          for (const type of SurveyType.options)
            holds(found.ofType(type).links, (one) => inMonth(one) && one.survey_type === type);
          for (const product of Product.options)
            holds(
              found.ofProduct(product).links,
              (one) => inMonth(one) && !isNps(one) && one.product === product,
            );
          const own = counters("customer#a", monthOf(month));
          const ofCustomer = sumMonth([], own, "survey_link|").links;
          holds(ofCustomer.csat, (one) => inMonth(one) && !isNps(one) && one.customer_id === "a");
          holds(ofCustomer.nps, (one) => inMonth(one) && isNps(one) && one.customer_id === "a");
        }
        for (const product of Product.options) {
          const found = parseProduct(product, counters("survey", ALL_MONTHS));
          holds(found.links.csat, (one) => !isNps(one) && one.product === product);
          holds(found.links.nps, (one) => isNps(one) && one.product === product);
        }
        const days = [...new Set(links.map(({ created_at }) => created_at.slice(0, 10)))];
        holds(
          addLinks(days.map((day) => countLinks(counters("survey_link", `day#${day}`), CSAT_TYPES))),
          (one) => !isNps(one),
        );
      }),
    );
  });
});

describe("a difference", () => {
  it.each([
    [4.5, 2.3, 2.2],
    [2.3, 4.5, -2.2],
    [null, 4, 0],
    [4, null, 0],
    [4, 0, 4],
  ])("to %s from %s is %s", (now, before, expected) => expect(difference(now, before)).toBe(expected));
});
