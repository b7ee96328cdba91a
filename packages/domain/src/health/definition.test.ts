import { hash } from "node:crypto";
import type { ScoreFilter, ScoreMeasure } from "@success-manager/contract/score-definitions";
import type { InteractionType, Product, Sentiment } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  appliesTo,
  type Definition,
  definitionOne,
  evaluate,
  type Inputs,
  RECOMMENDED,
} from "./definition.ts";
import { evenOrder } from "./definitions.ts";
import { randomInput, randomOf } from "./fixture/histories.ts";
import { type Component, EQUAL_WEIGHTS, score } from "./formula.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const NOW = new Date("2026-06-15T10:30:00.000Z");
const inDays = (days: number, now = NOW) => new Date(now.getTime() + days * DAY_MS);
const dateIn = (days: number) => inDays(days).toISOString().slice(0, 10);

const V2: Definition = { ...RECOMMENDED, version: 2 };
const V1 = definitionOne();

let ids = 0;
const contact = (interaction_type: InteractionType, daysAgo: number, sentiment: Sentiment = "neutral") => ({
  id: `i${++ids}`,
  interaction_type,
  sentiment,
  interaction_date: inDays(-daysAgo).toISOString(),
});
const answer = (score: number, daysAgo: number) => ({
  id: `s${++ids}`,
  survey_type: "nps" as const,
  score,
  submitted_at: inDays(-daysAgo).toISOString(),
});
const NOBODY: Inputs = {
  contract_start_date: undefined,
  contract_end_date: undefined,
  products: [],
  interactions: [],
  responses: [],
};
const ALL: Product[] = ["MonetX", "SupportX", "GreenX"];

describe("version 1", () => {
  test("is the formula of decision 12 as it was before definitions: 5 000 histories, bit for bit", () => {
    const random = randomOf(12);
    const results = Array.from({ length: 5_000 }, () => score(randomInput(random)));
    expect(hash("sha256", JSON.stringify(results))).toBe(
      "bd537213c812fa1d7802a97cfbc628b9fed17a878a4268291429c856c1a12b6a",
    );
  });

  test("as a definition gives the same scores, components and bands, whatever the weights of the stage", () => {
    const random = randomOf(71);
    for (let n = 0; n < 5_000; n++) {
      const { now, ...inputs } = randomInput(random);
      const weights = { adoption: random(), engagement: random(), support: random(), financial: random() };
      for (const of of [EQUAL_WEIGHTS, weights]) {
        const before = score({ ...inputs, now }, of);
        const after = evaluate(definitionOne(of), inputs, now);
        expect([after.score, after.band, after.coverage, after.version]).toEqual([
          ...[before.overall_score, before.risk_level, 1, 1],
        ]);
        for (const { key, score: points, state } of after.measures)
          expect([points, state]).toEqual([before[`${key as Component}_score`], "measured"]);
      }
    }
  });
});

describe("version 2", () => {
  test("does not read silence as green", () => {
    const silent = { ...NOBODY, products: ALL, contract_end_date: dateIn(400) };
    expect(evaluate(V1, silent, NOW)).toMatchObject({ score: 75, band: "medium" });
    expect(evaluate(V2, silent, NOW)).toMatchObject({ score: 50, band: "unknown", coverage: 0.25 });
  });

  test("knows nothing of the end of the contract", () => {
    const busy = { ...NOBODY, products: ALL, interactions: [contact("meeting", 3), contact("meeting", 9)] };
    const scores = (definition: Definition) =>
      [400, 89, -1].map(
        (days) => evaluate(definition, { ...busy, contract_end_date: dateIn(days) }, NOW).score,
      );
    expect(scores(V1)).toEqual([83, 70, 58]);
    expect(new Set(scores(V2)).size).toBe(1);
  });

  test("gives the weight of what is left out to the others, and says so", () => {
    const {
      measures,
      score: points,
      coverage,
    } = evaluate(
      V2,
      { ...NOBODY, products: ["MonetX"], interactions: [contact("meeting", 1), contact("call", 2)] },
      NOW,
    );
    // (40 + 25 + 100) / 3
    expect([points, coverage]).toEqual([55, 0.75]);
    expect(measures.map(({ key, state, effective_weight }) => [key, state, effective_weight])).toEqual([
      ["products", "measured", 1 / 3],
      ["contacts", "measured", 1 / 3],
      ["support", "measured", 1 / 3],
      ["satisfaction", "missing", 0],
    ]);
  });

  test("caps the score while an escalation is open", () => {
    const happy = {
      ...NOBODY,
      products: ALL,
      interactions: Array.from({ length: 7 }, () => contact("meeting", 2)),
      responses: [answer(10, 4)],
    };
    const open_escalations = [
      { type: "interaction", id: "i0", at: NOW.toISOString(), what: "escalation" } as const,
    ];
    expect(evaluate(V2, happy, NOW).score).toBe(100);
    expect(evaluate(V2, { ...happy, open_escalations }, NOW)).toMatchObject({
      ...{ score: 60, band: "medium" },
      cap: { source: "open_escalations", points: -40, evidence: open_escalations },
    });
  });
});

describe("silence", () => {
  const [products] = V2.measures;
  const definition: Definition = {
    ...{ ...V2, measures: products ? [products] : [] },
    caps: [{ source: "days_since_contact", window_days: 90, at_least: 60, at_most: 40 }],
  };
  const scoreAfter = (days: number | undefined, contract_start_date?: string) => {
    const interactions = days === undefined ? [] : [contact("call", days)];
    return evaluate(definition, { ...NOBODY, products: ALL, interactions, contract_start_date }, NOW).score;
  };

  test.each([
    [59, 100],
    [60, 40],
    [90, 40],
    [91, 40],
    [120, 40],
    [5_000, 40],
    [undefined, 40],
  ])("of %s days holds a cap from 60 days on: %d", (days, expected) => {
    expect(scoreAfter(days)).toBe(expected);
  });

  test.each([
    [-59, 100],
    [-60, 40],
    [-400, 40],
    [5, 100],
  ])("of who was never spoken with is as long as the contract: from day %d on, %d", (start, expected) => {
    expect(scoreAfter(undefined, dateIn(start))).toBe(expected);
  });
});

describe("a window", () => {
  const sources = [
    ["engagement", "meeting", { missing: "low" }],
    ["contacts", "meeting", { missing: "low" }],
    ["support", "escalation", { missing: "low" }],
    ["support_load", "escalation", { transform: { type: "linear", from: 100, to: 0 } }],
    ["escalations", "escalation", { transform: { type: "linear", from: 10, to: 0 } }],
  ] as const;

  test.each(sources)("of %s is that of its figure as of its evidence", (source, type, changes) => {
    const inputs = { ...NOBODY, interactions: [10, 50, 80, 200].map((days) => contact(type, days)) };
    const of = (window_days: number) => {
      const measure: ScoreMeasure = {
        ...{ key: "m", source, window_days, transform: { type: "as_is" }, weight: 1, missing: "exclude" },
        ...{ max_age_days: null, ...changes },
      };
      const [found] = evaluate({ ...V2, measures: [measure], caps: [] }, inputs, NOW).measures;
      return [found?.score ?? null, found?.evidence.length] as const;
    };
    const [narrow, usual, wide] = [of(30), of(90), of(365)];
    expect([narrow, usual, wide].map(([, events]) => events)).toEqual([1, 3, 4]);
    const points = [narrow, usual, wide].map(([score]) => score ?? Number.NaN);
    const expected = type === "meeting" ? [15, 45, 60] : [90, 70, 60];
    expect(points).toEqual(expected);
  });
});

test("who is measured by just as much as is asked for is known", () => {
  const measures = (["products", "satisfaction", "sentiment"] as const).map(
    (source): ScoreMeasure => ({
      ...{ key: source, source, window_days: 90, transform: { type: "as_is" }, weight: 1 },
      ...{ missing: "exclude", max_age_days: null },
    }),
  );
  for (const min_coverage of [1 / 3, 0.3333333])
    expect(evaluate({ ...V2, min_coverage, measures, caps: [] }, NOBODY, NOW)).toMatchObject({
      ...{ coverage: 0.333333, band: "critical" },
    });
});

describe("a measure", () => {
  const of = (measure: Partial<ScoreMeasure>, inputs: Partial<Inputs> = {}, at = NOW) => {
    const satisfied: ScoreMeasure = {
      ...{ key: "m", source: "satisfaction", window_days: 90, transform: { type: "as_is" }, weight: 1 },
      ...{ missing: "exclude", max_age_days: null },
    };
    const measures = [
      { ...satisfied, ...measure },
      { ...satisfied, key: "products", source: "products", window_days: null } as const,
    ];
    return evaluate({ ...V2, measures, caps: [] }, { ...NOBODY, ...inputs }, at).measures[0];
  };

  test.each([
    ["exclude", null, 0],
    ["carry", null, 0],
    ["neutral", 50, 0.5],
    ["low", 0, 0.5],
  ] as const)("that is missing counts by its rule: %s", (missing, points, effective_weight) => {
    expect(of({ missing })).toMatchObject({
      ...{ value: null, score: points, effective_weight, state: "missing", as_of: null, evidence: [] },
    });
  });

  test("that is older than its age limit is stale; carried, it counts until then", () => {
    const responses = [answer(9, 120)];
    const carry = { missing: "carry", max_age_days: 180 } as const;
    expect(of(carry, { responses })).toMatchObject({ state: "stale", score: 90, effective_weight: 0.5 });
    expect(of(carry, { responses }, inDays(61))).toMatchObject({ state: "missing", score: null });
    expect(of({ max_age_days: 30 }, { responses: [answer(9, 60)] })).toMatchObject({
      ...{ state: "stale", value: 90, score: null, effective_weight: 0 },
    });
  });

  test("names what it goes by, newest first, and nothing of days to come or long ago", () => {
    const [old, newer, ahead, ancient] = [answer(4, 50), answer(10, 5), answer(1, -2), answer(1, 91)];
    expect(of({}, { responses: [ahead, old, newer, ancient] })).toMatchObject({
      value: 70,
      as_of: newer?.submitted_at,
      evidence: [{ type: "survey", id: newer?.id, value: 10 }, { id: old?.id }],
    });
  });

  test.each<[ScoreMeasure["transform"], number, number]>([
    [{ type: "linear", from: 0, to: 30 }, 15, 50],
    [{ type: "linear", from: 30, to: 0 }, 7.5, 75],
    [{ type: "linear", from: 30, to: 0 }, 90, 0],
    [{ type: "linear", from: 5, to: 5 }, 5, 100],
    [{ type: "as_is" }, -40, 0],
    [
      {
        type: "steps",
        steps: [
          { at_least: 2, score: 60 },
          { at_least: 8, score: 90 },
        ],
        otherwise: 7,
      },
      8,
      90,
    ],
    [
      {
        type: "steps",
        steps: [
          { at_least: 2, score: 60 },
          { at_least: 8, score: 90 },
        ],
        otherwise: 7,
      },
      1,
      7,
    ],
  ])("is transformed: %j of %d is %d", (transform, value, expected) => {
    // Days to the end of the contract are whole; halves come by doubling the scale.
    const scaled =
      transform.type === "linear" && !Number.isInteger(value)
        ? { ...transform, from: transform.from * 2, to: transform.to * 2 }
        : transform;
    const days = Number.isInteger(value) ? value : value * 2;
    const inputs = { contract_end_date: dateIn(days) };
    const source = "days_to_contract_end";
    expect(of({ source, window_days: null, transform: scaled }, inputs)?.score).toBe(expected);
  });
});

test("where everything is left out, nothing can be said", () => {
  const measures = V2.measures.filter(({ key }) => key === "satisfaction");
  expect(evaluate({ ...V2, min_coverage: 0, measures, caps: [] }, NOBODY, NOW)).toMatchObject({
    ...{ score: 50, band: "unknown", coverage: 0 },
  });
});

test("a definition applies to who passes all of its filter", () => {
  const customer = { industry: "Énergy ", contract_value: 30_000_00, status: "active" } as const;
  const deployments = [
    { product_name: "MonetX", is_active: true },
    { product_name: "GreenX", is_active: false },
  ] as const;
  const applies = (applies_to: ScoreFilter) => appliesTo({ applies_to }, customer, deployments);
  expect(applies({})).toBe(true);
  expect(applies({ industries: ["Banking", "ÉNERGY"], segments: ["smb"], products: ["MonetX"] })).toBe(true);
  expect(applies({ segments: ["enterprise"] })).toBe(false);
  expect(applies({ products: ["GreenX"] })).toBe(false);
  expect(applies({ statuses: ["onboarding"] })).toBe(false);
  expect(applies({ industries: ["Banking"], segments: ["smb"] })).toBe(false);
});

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test("all customers are in the order of a preview once, and each beginning of it is spread evenly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), fc.nat(), (count, cut) => {
      const order = evenOrder(numbers(count));
      expect(order.toSorted((a, b) => a - b)).toEqual(numbers(count));
      const size = 1 + (cut % count);
      const sample = order.slice(0, size).sort((a, b) => a - b);
      const gaps = sample.map((n, i) => n - (sample[i - 1] ?? 0));
      // No gap is longer than four times the even one.
      expect(Math.max(...gaps, count - (sample.at(-1) ?? 0))).toBeLessThanOrEqual((4 * count) / size + 1);
    }),
  );
  expect(evenOrder([])).toEqual([]);
});
