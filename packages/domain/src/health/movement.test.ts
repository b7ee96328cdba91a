import type { ScoreMeasure } from "@success-manager/contract/score-definitions";
import { describe, expect, test } from "vitest";
import { customerItem } from "../directory/fixture/items.ts";
import { basisOf, encodeBasis, inputsAt } from "./basis.ts";
import { type Definition, definitionOne, evaluate, type Inputs, RECOMMENDED } from "./definition.ts";
import { randomDefinition, randomInput, randomOf } from "./fixture/histories.ts";
import {
  accumulate,
  type Drift,
  explain,
  KINDS,
  type Movement,
  NOTABLE_POINTS,
  type Part,
  type ScoredState,
  type State,
  sumParts,
  wholePart,
} from "./movement.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const V1 = definitionOne();
const V2: Definition = { ...RECOMMENDED, version: 2 };

const scoredAt = ({ definition, ...state }: State): ScoredState => ({
  ...state,
  version: definition.version,
  score: evaluate(definition, state.inputs, state.at).score,
});
const sum = (points: readonly { readonly points: number }[]) =>
  points.reduce((all, one) => all + one.points, 0);
const of = ({ parts }: ReturnType<typeof explain>, ...kinds: string[]) =>
  sum(parts.filter(({ kind }) => kinds.includes(kind)));

/** Any history, with escalations that may be open. */
const randomState = (random: () => number) => {
  const { interactions, ...input } = randomInput(random);
  const open_escalations = interactions
    .filter(() => random() < 0.1)
    .map(({ id = "", interaction_date: at }) => ({
      ...{ type: "interaction" as const, id, at, what: "escalation" as const },
    }));
  return { ...input, interactions, open_escalations };
};

describe("parts", () => {
  test("of 10 000 random pairs of states add up exactly", () => {
    const random = randomOf(7);
    const [seen, measures, states] = [new Set<string>(), new Set<string>(), new Set<string>()];
    for (let n = 0; n < 10_000; n++) {
      const [{ now: first, ...old }, { now: second, ...other }] = [randomState(random), randomState(random)];
      // Some of what was known is still there, some is changed, some has gone.
      const kept = <T>(all: readonly T[]) => all.filter(() => random() < 0.8);
      const inputs: Inputs =
        random() < 0.2
          ? other
          : {
              ...old,
              ...(random() < 0.3 && { contract_end_date: other.contract_end_date, products: other.products }),
              open_escalations: random() < 0.5 ? old.open_escalations : other.open_escalations,
              interactions: [...kept(old.interactions), ...(random() < 0.5 ? other.interactions : [])],
              responses: [...kept(old.responses), ...(random() < 0.5 ? other.responses : [])],
            };
      const at = random() < 0.5 ? new Date(first.getTime() + random() * 40 * DAY_MS) : second;
      const definitionOf = () =>
        random() < 0.3 ? V1 : random() < 0.5 ? V2 : randomDefinition(random, 3 + Math.floor(random() * 3));
      const override = () => (random() < 0.1 ? Math.floor(random() * 101) : undefined);
      const before = { definition: definitionOf(), inputs: old, at: first, override: override() };
      const definition = random() < 0.7 ? before.definition : definitionOf();
      const after = { definition, inputs, at: at < first ? first : at, override: override() };
      const [then, now] = [scoredAt(before), scoredAt(after)];
      const change = explain(then, after);
      expect([change.from, change.to]).toEqual([then.override ?? then.score, now.override ?? now.score]);
      expect(sum(change.parts)).toBe(change.delta);
      expect(change.delta).toBe(change.to - change.from);
      expect(change.parts.every(({ points }) => Number.isInteger(points) && points !== 0)).toBe(true);
      for (const { kind, measure } of change.parts) {
        seen.add(kind);
        measures.add(measure?.split(":")[0] ?? "whole");
      }
      const { band, measures: found } = evaluate(definition, inputs, after.at);
      for (const state of [band, ...found.map((one) => one.state)]) states.add(state);
    }
    expect([...seen].sort()).toEqual(["aged_out", "behaviour", "calendar", "data", "definition", "override"]);
    // Caps, all states of measures and all bands were among them.
    expect(measures).toContain("cap");
    expect(states.size).toBe(8);
  });

  test("are nobody's behaviour where only the clock has moved", () => {
    const random = randomOf(8);
    for (let n = 0; n < 10_000; n++) {
      const { now, ...inputs } = randomState(random);
      const definition = n % 3 === 0 ? V1 : n % 3 === 1 ? V2 : randomDefinition(random, 3);
      const later = { definition, inputs, at: new Date(now.getTime() + random() * 120 * DAY_MS) };
      const change = explain(scoredAt({ definition, inputs, at: now }), later);
      expect(of(change, "behaviour", "data", "definition", "override")).toBe(0);
      expect(of(change, "aged_out", "calendar")).toBe(change.delta);
    }
  });

  test("are none where nothing has moved", () => {
    const { now: at, ...inputs } = randomInput(randomOf(9));
    expect(explain(scoredAt({ definition: V2, inputs, at }), { definition: V2, inputs, at }).parts).toEqual(
      [],
    );
  });
});

describe("a part", () => {
  const NOW = new Date("2026-06-15T10:30:00.000Z");
  const ago = (days: number) => new Date(NOW.getTime() - days * DAY_MS).toISOString();
  const measure = (source: ScoreMeasure["source"], rules: Partial<ScoreMeasure>): ScoreMeasure => ({
    ...{ key: source, source, window_days: 90, transform: { type: "as_is" }, weight: 1 },
    ...{ missing: "exclude", max_age_days: null, ...rules },
  });
  const products = measure("products", {
    window_days: null,
    transform: { type: "linear", from: 0, to: 3 },
    missing: "low",
  });
  const definitionOf = (...measures: ScoreMeasure[]): Definition => ({
    ...{ ...V2, caps: [], measures },
  });
  const inputs: Inputs = {
    ...{ contract_start_date: undefined, contract_end_date: undefined },
    ...{ interactions: [], responses: [], products: ["MonetX", "SupportX", "GreenX"] },
  };
  const answer = (days: number) => ({
    ...{ id: "answer", survey_type: "nps" as const, score: 10, submitted_at: ago(days) },
  });

  test.each([
    ["beyond its window, then neutral", { missing: "neutral", max_age_days: 180 }, 90, 90, -25],
    ["beyond its window, then low", { missing: "low", max_age_days: 180 }, 90, 90, -50],
    ["beyond its age limit", { window_days: 365, missing: "neutral", max_age_days: 90 }, 90, 90, -25],
    ["beyond all", { missing: "carry", max_age_days: 180 }, 180, 180, -50],
  ] as const)("of an answer that is %s names it as too old", (_, rules, age, days, points) => {
    // Half of the score, or all of it where it is carried, then left out.
    const isCarried = rules.missing === "carry";
    const empty = { ...inputs, products: isCarried ? [] : inputs.products };
    const definition = definitionOf(measure("satisfaction", rules), products);
    const state = (at: Date) => ({ definition, inputs: { ...empty, responses: [answer(age - 1)] }, at });
    const [before, after] = [state(NOW), state(new Date(NOW.getTime() + 1.5 * DAY_MS))];
    expect(explain(scoredAt(before), after).parts).toMatchObject([
      {
        ...{ kind: "aged_out", measure: "satisfaction", points, days },
        evidence: [{ type: "survey", id: "answer", value: 10 }],
      },
    ]);
  });

  test("is none of a measure without a weight", () => {
    const definition = definitionOf(
      products,
      measure("escalations", { weight: 0, transform: { type: "linear", from: 4, to: 0 } }),
      measure("support_load", { transform: { type: "linear", from: 15, to: 0 } }),
    );
    const escalation = {
      ...{ id: "e", interaction_type: "escalation" as const, sentiment: "negative" as const },
      interaction_date: ago(0),
    };
    const before = { definition, inputs, at: new Date(ago(1)) };
    const after = { definition, inputs: { ...inputs, interactions: [escalation] }, at: NOW };
    const change = explain(scoredAt(before), after);
    expect([change.from, change.to]).toEqual([100, 67]);
    expect(change.parts).toMatchObject([{ measure: "support_load", points: -33 }]);
  });

  test("of escalations names those that came, or those that are resolved, and counts how many more are open", () => {
    const transform = { type: "linear", from: 2, to: 0 } as const;
    const definition = definitionOf(
      measure("open_escalations", { window_days: null, transform, missing: "low" }),
    );
    const open = (...ids: readonly string[]): Inputs => ({
      ...inputs,
      open_escalations: ids.map((id) => ({
        ...{ type: "interaction", id, at: ago(3), what: "escalation" as const },
      })),
    });
    const change = (from: Inputs, to: Inputs) => {
      const before = { definition, inputs: from, at: new Date(ago(1)) };
      const { parts } = explain(scoredAt(before), { definition, inputs: to, at: NOW });
      return parts.map(({ points, events, evidence }) => [points, events, evidence.map(({ id }) => id)]);
    };
    expect(change(open(), open("a"))).toEqual([[-50, [["escalation", 1]], ["a"]]]);
    expect(change(open("a", "b"), open("c"))).toEqual([[50, [["escalation", -1]], ["a", "b"]]]);
  });

  test("of a cap adds up over time to what it takes at the end", () => {
    const scored = (points: number) => ({
      ...products,
      transform: { type: "steps" as const, steps: [{ at_least: 1, score: points }], otherwise: 0 },
    });
    const cap = { source: "open_escalations", window_days: null, at_least: 1, at_most: 60 } as const;
    const state = (points: number, open: number): State => ({
      definition: { ...definitionOf(scored(points)), caps: [cap] },
      inputs: {
        ...inputs,
        open_escalations: Array.from({ length: open }, (_, n) => ({
          ...{ type: "interaction", id: `e${n}`, at: ago(3), what: "escalation" as const },
        })),
      },
      at: NOW,
    });
    const limit = (...states: State[]) =>
      sumParts(states.slice(1).flatMap((after, n) => explain(scoredAt(states[n] as State), after).parts))
        .filter(({ measure }) => measure === "cap:open_escalations")
        .map(({ points, events }) => [points, events]);
    expect(limit(state(90, 0), state(90, 1))).toEqual([[-30, [["escalation", 1]]]]);
    expect(limit(state(90, 0), state(90, 1), state(90, 2), state(90, 1))).toEqual([
      [-30, [["escalation", 1]]],
    ]);
    expect(limit(state(90, 2), state(90, 1), state(90, 0))).toEqual([[30, [["escalation", -1]]]]);
    expect(limit(state(90, 0), state(90, 2), state(90, 0))).toEqual([]);
    // The score under the limit falls below it: nobody has resolved anything.
    const fallen = explain(scoredAt(state(90, 1)), {
      ...state(90, 1),
      inputs: { ...state(90, 1).inputs, products: [] },
    });
    expect(fallen.parts).toMatchObject([
      { measure: "products", points: -90 },
      { measure: "cap:open_escalations", points: 30, events: [] },
    ]);
  });
});

describe("85 → 60", () => {
  const at = new Date("2026-06-15T10:30:00.000Z");
  const later = (days: number) => new Date(at.getTime() + days * DAY_MS);
  const end = later(400).toISOString().slice(0, 10);
  /** Days on which the score is looked at: 400, 310, 220, 130 and 89 before the end of the contract, and one behind it. */
  const LOOKS = [0, 90, 180, 270, 311, 401];
  /** Four calls and a ticket within the 90 days before each look, recorded as they happen. */
  const CALLS = [
    -80, -60, -40, -20, 20, 40, 60, 80, 110, 130, 150, 170, 200, 220, 240, 260, 280, 300, 330, 350,
  ]
    .concat([370, 390])
    .map((day) => ({ day, interaction_type: "call" as const }));
  const TICKETS = [-50, 50, 140, 230, 360].map((day) => ({
    day,
    interaction_type: "support_ticket" as const,
  }));
  const inputsOn = (day: number): Inputs => ({
    ...{ contract_start_date: "2024-01-01", contract_end_date: end, responses: [] },
    products: ["MonetX", "SupportX", "GreenX"],
    interactions: [...CALLS, ...TICKETS]
      .filter((one) => one.day <= day)
      .map(({ day: on, interaction_type }) => ({
        ...{ id: `${interaction_type} ${on}`, interaction_type, sentiment: "neutral" },
        interaction_date: later(on).toISOString(),
      })),
  });
  const stateOf = (definition: Definition, day: number): State => ({
    definition,
    inputs: inputsOn(day),
    at: later(day),
  });
  const scores = (definition: Definition) => LOOKS.map((day) => scoredAt(stateOf(definition, day)).score);
  const changes = (definition: Definition) =>
    LOOKS.slice(1).map((day, n) =>
      explain(scoredAt(stateOf(definition, LOOKS[n] ?? 0)), stateOf(definition, day)),
    );

  test("by version 1 the same behaviour falls with the calendar, and nothing else is the reason", () => {
    expect(scores(V1)).toEqual([85, 85, 85, 80, 72, 60]);
    const parts = sumParts(changes(V1).flatMap((change) => change.parts));
    expect(parts).toMatchObject([{ kind: "calendar", measure: "financial", points: -25 }]);
    expect(parts).toHaveLength(1);
  });

  test("by version 2 it does not move at all", () => {
    expect(scores(V2)).toEqual([79, 79, 79, 79, 79, 79]);
    expect(changes(V2).map(({ delta }) => delta)).toEqual([0, 0, 0, 0, 0]);
    expect(sumParts(changes(V2).flatMap((change) => change.parts))).toEqual([]);
  });
});

describe("what is known of the score before", () => {
  const customer = { contract_start_date: undefined, contract_end_date: undefined };
  const now = basisOf(customerItem("c1", 1, customer), [], []);
  const at = (hour: number) => `2026-06-15T${String(hour).padStart(2, "0")}:00:00.000Z`;
  const known = (interaction_date: string, created_at: string) =>
    inputsAt(
      // A job of 2 o'clock that had its turn at 5.
      { calculated_at: at(2), changed_at: at(5), basis: encodeBasis(now) },
      {
        interactions: [{ interaction_type: "call", sentiment: "neutral", interaction_date, created_at }],
        responses: [],
      },
      now,
    ).interactions.length === 1;

  test.each<[what: string, happened: string, recorded: string, expected: boolean]>([
    ["what was recorded before its instant", at(1), at(1), true],
    ["what was planned by then", at(9), at(1), true],
    ["what had happened by then and was recorded before it was calculated", at(1), at(4), true],
    ["what happened behind its instant", at(3), at(4), false],
    ["what was recorded when it had been calculated", at(1), at(6), false],
  ])("is %s", (_, happened, recorded, expected) => {
    expect(known(happened, recorded)).toBe(expected);
  });
});

describe("parts of several changes", () => {
  const part = (kind: Part["kind"], measure: string | null, points: number, meetings = 0): Part => ({
    ...wholePart(kind, points),
    measure,
    events: meetings === 0 ? [] : [["meeting", meetings]],
  });

  test("leave out what came and aged out in equal measure", () => {
    const parts = [
      part("aged_out", "contacts", -12, 3),
      part("behaviour", "contacts", 8, 2),
      part("behaviour", "support", -6),
      part("aged_out", "satisfaction", 2),
    ];
    expect(sumParts(parts)).toEqual([
      part("aged_out", "contacts", -4, 1),
      part("aged_out", "satisfaction", 2),
      part("behaviour", "support", -6),
    ]);
    expect(sumParts([part("aged_out", "contacts", -4), part("behaviour", "contacts", 4)])).toEqual([]);
  });

  test("of 10 000 random ones add up as before, and none of a measure goes both ways", () => {
    const random = randomOf(12);
    const of = <T>(all: readonly T[]) => all[Math.floor(random() * all.length)] as T;
    for (let n = 0; n < 10_000; n++) {
      const parts = Array.from({ length: Math.floor(random() * 12) }, () =>
        part(of(KINDS), of(["contacts", "support", "cap:escalations", null]), Math.floor(random() * 41) - 20),
      );
      const summed = sumParts(parts);
      expect(sum(summed)).toBe(sum(parts));
      for (const { kind, measure, points } of summed)
        if (kind === "aged_out" && measure !== null) {
          const other = summed.find((one) => one.kind === "behaviour" && one.measure === measure);
          expect((other?.points ?? 0) * points).toBeGreaterThanOrEqual(0);
        }
    }
  });
});

describe("a notable change", () => {
  const step = (to: number, parts: readonly Part[]): Movement => {
    const delta = sum(parts);
    return { from: to - delta, to, delta, parts };
  };
  const day = (n: number) => new Date(Date.UTC(2026, 0, 1 + n)).toISOString();

  test("is one of five points, whatever it is made of", () => {
    const aging = [wholePart("aged_out", -8), wholePart("behaviour", 3)];
    expect(accumulate(undefined, step(60, aging), day(0), day(1)).change).toMatchObject({
      ...{ from: 65, to: 60, delta: -5, since: day(0), at: day(1) },
    });
    const calendar = accumulate(undefined, step(61, [wholePart("calendar", -4)]), day(0), day(1));
    expect(calendar).toEqual({ drift: { since: day(0), parts: [wholePart("calendar", -4)] } });
  });

  test("is also what small steps come to, from where they began", () => {
    let drift: Drift | undefined;
    for (const [n, to] of [70, 69, 68, 67].entries())
      drift = accumulate(drift, step(to, [wholePart("calendar", -1)]), day(n), day(n + 1)).drift;
    const { change, ...rest } = accumulate(drift, step(66, [wholePart("calendar", -1)]), day(4), day(5));
    expect(rest.drift).toBeUndefined();
    expect(change).toMatchObject({ from: 71, to: 66, since: day(0), at: day(5) });
    expect(change?.parts).toEqual([wholePart("calendar", -5)]);
  });

  test("is none of a score that is back where it was", () => {
    const { drift } = accumulate(undefined, step(68, [wholePart("aged_out", -4)]), day(0), day(1));
    expect(accumulate(drift, step(72, [wholePart("behaviour", 4)]), day(1), day(2))).toEqual({});
  });

  test("of 1 000 random walks follows on the one before, and misses no five points", () => {
    const random = randomOf(11);
    for (let walk = 0; walk < 1_000; walk++) {
      let [score, told] = [70, 70];
      let drift: Drift | undefined;
      for (let n = 0; n < 40; n++) {
        const parts = (["calendar", "aged_out", "behaviour"] as const)
          .map((kind) => wholePart(kind, Math.round(random() * 6 - 3)))
          .filter(({ points }) => points !== 0);
        score += sum(parts);
        const next = accumulate(drift, step(score, parts), day(n), day(n + 1));
        if (next.change) {
          expect([next.change.from, next.change.to]).toEqual([told, score]);
          expect(sum(next.change.parts)).toBe(score - told);
          told = score;
        }
        expect(Math.abs(score - told)).toBeLessThan(NOTABLE_POINTS);
        expect(sum(next.drift?.parts ?? [])).toBe(score - told);
        drift = next.drift;
      }
    }
  });
});
