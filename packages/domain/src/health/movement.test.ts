import { describe, expect, test } from "vitest";
import { type Definition, definitionOne, evaluate, type Inputs, RECOMMENDED } from "./definition.ts";
import { randomDefinition, randomInput, randomOf } from "./fixture/histories.ts";
import {
  accumulate,
  type Drift,
  explain,
  type Movement,
  NOTABLE_POINTS,
  type Part,
  type ScoredState,
  type State,
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

describe("parts", () => {
  test("of 10 000 random pairs of states add up exactly", () => {
    const random = randomOf(7);
    const seen = new Set<string>();
    for (let n = 0; n < 10_000; n++) {
      const [{ now: first, ...old }, { now: second, ...other }] = [randomInput(random), randomInput(random)];
      // Some of what was known is still there, some is changed, some has gone.
      const kept = <T>(all: readonly T[]) => all.filter(() => random() < 0.8);
      const inputs: Inputs =
        random() < 0.2
          ? other
          : {
              ...old,
              ...(random() < 0.3 && { contract_end_date: other.contract_end_date, products: other.products }),
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
      for (const { kind } of change.parts) seen.add(kind);
    }
    expect([...seen].sort()).toEqual(["aged_out", "behaviour", "calendar", "data", "definition", "override"]);
  });

  test("are nobody's behaviour where only the clock has moved", () => {
    const random = randomOf(8);
    for (let n = 0; n < 3_000; n++) {
      const { now, ...inputs } = randomInput(random);
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

describe("the calendar alone", () => {
  const at = new Date("2026-06-15T10:30:00.000Z");
  const later = (days: number) => new Date(at.getTime() + days * DAY_MS);
  /** The same four meetings before each look, as who is met every month has them. */
  const inputs: Inputs = {
    contract_start_date: "2024-01-01",
    contract_end_date: later(400).toISOString().slice(0, 10),
    products: ["MonetX", "SupportX", "GreenX"],
    interactions: [0, 401].flatMap((day) =>
      [1, 2, 3, 4, 5].map((n) => ({
        id: `${day}-${n}`,
        interaction_type: n === 5 ? ("call" as const) : ("meeting" as const),
        sentiment: "neutral" as const,
        interaction_date: later(day - 10 * n).toISOString(),
        // All of them planned long before: nothing that happens is new.
        created_at: later(-400).toISOString(),
      })),
    ),
    responses: [],
  };
  const change = (definition: Definition, days: number) =>
    explain(scoredAt({ definition, inputs, at }), { definition, inputs, at: later(days) });

  test("moves version 1 and nothing but the calendar is the reason", () => {
    const expired = change(V1, 401);
    expect(expired).toMatchObject({ from: 93, to: 68, delta: -25 });
    expect(of(expired, "calendar")).toBe(-25);
  });

  test("does not move version 2", () => {
    expect(change(V2, 401)).toMatchObject({ delta: 0, parts: [] });
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
