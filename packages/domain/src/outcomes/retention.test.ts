import type { NewOutcome } from "@success-manager/contract/outcomes";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import { recordingOfNew } from "./record.ts";
import { figuresOf, grouping, type Movement, movementOf, periodOf } from "./retention.ts";
import {
  amountOn,
  type Fact,
  factsOf,
  faultOf,
  isUndated,
  newestVersions,
  spellsOf,
  standing,
} from "./spells.ts";

const DAY_0 = "2025-01-01";
const day = (n: number) => daysAfter(DAY_0, n);

/** What happens to a customer: so many days after what was before, and to what they pay then. */
const step = fc.record({
  after: fc.integer({ min: 0, max: 40 }),
  amount: fc.integer({ min: 0, max: 5_000 }),
  act: fc.constantFrom("change", "change", "renew", "leave"),
});

interface Life {
  readonly began: number;
  readonly facts: readonly Fact[];
  /** What is paid on each day, and in which spell; undefined for no customer. Written down day by day. */
  readonly days: readonly ({ readonly spell: number; readonly amount: number } | undefined)[];
}

const DAYS = 500;

/** A life and its facts: each step leaves who is there, brings back who is not, or changes what they pay. */
const life = fc
  .record({
    began: fc.integer({ min: 0, max: 200 }),
    first: fc.integer({ min: 0, max: 5_000 }),
    steps: fc.array(step, { maxLength: 10 }),
  })
  .map(({ began, first, steps }): Life => {
    const days: ({ spell: number; amount: number } | undefined)[] = Array(DAYS).fill(undefined);
    const facts: Fact[] = [];
    let [at, spell, amount, isThere] = [began, 1, first, true];
    const from = (n: number) => {
      for (let d = n; d < DAYS; d++) days[d] = isThere ? { spell, amount } : undefined;
    };
    from(at);
    for (const [n, { after, act, amount: next }] of steps.entries()) {
      at += after;
      if (at >= DAYS) break;
      const before = amount;
      let kind: Fact["kind"];
      if (!isThere) {
        kind = "reactivated";
        [isThere, spell, amount] = [true, spell + 1, next];
      } else if (act === "leave") {
        kind = "churned";
        isThere = false;
      } else if (act === "renew" || next === amount) kind = "renewed";
      else {
        kind = next > amount ? "expanded" : "contracted";
        amount = next;
      }
      const amount_before = kind === "reactivated" ? 0 : before;
      const amount_after = kind === "churned" ? 0 : amount;
      facts.push({
        ...{ id: String(n), version: 1, kind, effective_on: day(at), amount_before, amount_after },
        ...{ reason: "unspecified", recorded_at: `${day(at)}T00:00:00.000Z` },
      });
      from(at);
    }
    return { began, facts, days };
  });

const period = fc
  .tuple(fc.integer({ min: 1, max: 450 }), fc.integer({ min: 0, max: 40 }))
  .map(([from, length]) => ({ from, to: Math.min(from + length, DAYS - 1) }));

const spellsOfLife = ({ began, facts }: Life) => spellsOf(day(began), standing(newestVersions(facts)));
/** Where nothing else is known, the contract's value is what they pay: of who never changed, from the first day on. */
const presentValue = ({ days }: Life) => days.at(-1)?.amount;
const movementsOf = (lives: readonly Life[], { from, to }: { from: number; to: number }): Movement[] =>
  lives.flatMap(
    (one) =>
      movementOf(
        spellsOfLife(one),
        { first: day(from), eve: day(from - 1), until: day(to) },
        presentValue(one),
      ) ?? [],
  );

const cents = (amount: string) => Math.round(Number(amount) * 100);

describe("spells", () => {
  it("are those of each day, with what is paid on it", () => {
    fc.assert(
      fc.property(life, fc.integer({ min: 0, max: DAYS - 1 }), (one, n) => {
        expect(
          faultOf(day(one.began), standing(one.facts), new Set(one.facts.map(({ id }) => id))),
        ).toBeUndefined();
        const on = day(n);
        const spell = spellsOfLife(one).find(
          ({ start, end }) => start <= on && (end === undefined || on < end),
        );
        const found = spell && { spell: spell.number, amount: amountOn(spell, on, presentValue(one)) };
        expect(found).toEqual(one.days[n]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("can't be told by a life in which somebody leaves twice, or comes back without having left", () => {
    fc.assert(
      fc.property(life, fc.constantFrom("churned" as const, "reactivated" as const), (one, kind) => {
        const last = one.days.at(-1);
        const contradiction = last === undefined ? "churned" : "reactivated";
        const fact: Fact = {
          ...{ id: "new", version: 1, kind, effective_on: day(DAYS), reason: "unspecified" },
          recorded_at: `${day(DAYS)}T00:00:00.000Z`,
        };
        const fault = faultOf(day(one.began), standing([...one.facts, fact]), new Set(["new"]));
        expect(fault !== undefined).toBe(kind === contradiction);
      }),
    );
  });
});

describe("who has left and nobody recorded when", () => {
  it.each<[who: string, facts: readonly [Fact["kind"], at: number][], expected: boolean]>([
    ["left without a word", [], true],
    ["left on a day", [["churned", -40]], false],
    ["left today", [["churned", 0]], false],
    [
      "left, and comes back some day",
      [
        ["churned", -40],
        ["reactivated", 10],
      ],
      false,
    ],
    [
      "left, comes back and leaves again",
      [
        ["churned", -40],
        ["reactivated", 10],
        ["churned", 20],
      ],
      false,
    ],
    ["leaves some day", [["churned", 10]], false],
    [
      "leaves some day, and comes back",
      [
        ["churned", 10],
        ["reactivated", 20],
      ],
      false,
    ],
    [
      "came back, and left without a word",
      [
        ["churned", -40],
        ["reactivated", -10],
      ],
      true,
    ],
  ])("is looked for in the last spell that has begun: %s", (_, lives, expected) => {
    const facts = lives.map(([kind, at], n) => ({
      ...{ id: String(n), version: 1, kind, effective_on: day(100 + at), reason: "unspecified" },
      recorded_at: `${DAY_0}T00:00:00.000Z`,
    }));
    const ledger = {
      ...{ customer_id: "c", began_on: DAY_0, facts: JSON.stringify(facts), revision: 1 },
      changed_at: `${DAY_0}T00:00:00.000Z`,
    };
    const customer = { status: "churned", created_at: `${DAY_0}T00:00:00.000Z` } as const;
    expect(isUndated(customer, ledger, day(100))).toBe(expected);
    expect(isUndated({ ...customer, status: "active" }, ledger, day(100))).toBe(false);
  });
});

describe("what is recorded together", () => {
  const noon = `${DAY_0}T12:00:00.000Z`;
  const record = (inputs: readonly NewOutcome[]) =>
    recordingOfNew(
      {
        ledger: undefined,
        customer: {
          ...{ id: "c", company_name: "C", deployed_products: [], status: "active", portal_enabled: false },
          ...{ created_at: noon, updated_at: noon, changed_at: noon, revision: 1 },
        },
      },
      inputs,
      { reasons: [] },
      new Date(`${day(DAYS)}T12:00:00.000Z`),
      { again: true },
    );
  /** Many of one day: a life in which little time goes by. */
  const shuffled = life.chain(({ facts }) => {
    const inputs = facts.map(
      ({ kind, effective_on, amount_before = 0, amount_after = 0 }, n): NewOutcome => ({
        ...{ kind, amount_before, amount_after, reference: String(n) },
        effective_on: `${effective_on.slice(0, 5)}${effective_on.slice(5, 7) < "07" ? "06" : "12"}-01`,
      }),
    );
    return fc.shuffledSubarray(inputs, { minLength: inputs.length, maxLength: inputs.length });
  });

  it("is recorded in whatever order it comes", () => {
    fc.assert(
      fc.property(shuffled, (some) => {
        const { ledger, outcomes } = record(some);
        expect(outcomes.every((outcome) => outcome !== undefined)).toBe(true);
        const facts = standing(newestVersions(factsOf(ledger)));
        expect(faultOf(DAY_0, facts, new Set(facts.map(({ id }) => id)))).toBeUndefined();
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[sent: readonly Fact["kind"][], recorded: readonly Fact["kind"][]]>([
    [
      ["reactivated", "churned"],
      ["churned", "reactivated"],
    ],
    [
      ["churned", "renewed"],
      ["renewed", "churned"],
    ],
    [
      ["churned", "renewed", "reactivated"],
      ["churned", "reactivated", "renewed"],
    ],
    [
      ["renewed", "churned", "reactivated"],
      ["renewed", "churned", "reactivated"],
    ],
    [
      ["reactivated", "churned", "churned"],
      ["churned", "reactivated", "churned"],
    ],
  ])("is one day in the order in which it can happen: %j as %j", (sent, recorded) => {
    const { ledger } = record(sent.map((kind, n) => ({ kind, effective_on: day(9), reference: String(n) })));
    expect(factsOf(ledger).map(({ kind }) => kind)).toEqual(recorded);
  });
});

describe("retention", () => {
  it("adds up: start − churned − contracted + expanded = end, GRR ≤ 100 %, NRR ≥ GRR", () => {
    fc.assert(
      fc.property(fc.array(life, { maxLength: 12 }), period, (lives, asked) => {
        const figures = figuresOf(movementsOf(lives, asked));
        const { start, churned, contracted, expanded, end, grr, nrr, logo_retention } = figures;
        expect(
          cents(start.amount) - cents(churned.amount) - cents(contracted.amount) + cents(expanded.amount),
        ).toBe(cents(end.amount));
        expect(start.customers - churned.customers).toBe(end.customers);
        if (cents(start.amount) > 0) {
          expect(grr).toBeLessThanOrEqual(100);
          expect(grr).toBeGreaterThanOrEqual(0);
          expect(nrr).toBeGreaterThanOrEqual(grr ?? Number.NaN);
        } else expect([grr, nrr]).toEqual([null, null]);
        if (start.customers > 0) expect(logo_retention).toBeLessThanOrEqual(100);
      }),
      { numRuns: 2_000 },
    );
  });

  it("is what somebody finds who looks at each day", () => {
    fc.assert(
      fc.property(fc.array(life, { maxLength: 12 }), period, (lives, { from, to }) => {
        let [start, end, brought, back] = [0, 0, 0, 0];
        for (const { days } of lives) {
          const [eve, last] = [days[from - 1], days[to]];
          // The same spell on all days: who left on the first of them and came back on it is another one.
          const stayed = eve !== undefined && eve.spell === last?.spell;
          start += eve?.amount ?? 0;
          if (stayed) end += last?.amount ?? 0;
          else if (last?.spell === 1) brought += last.amount;
          else back += last?.amount ?? 0;
        }
        const figures = figuresOf(movementsOf(lives, { from, to }));
        expect(
          [figures.start, figures.end, figures.new, figures.reactivated].map(({ amount }) => cents(amount)),
        ).toEqual([start, end, brought, back]);
      }),
      { numRuns: 2_000 },
    );
  });

  it("leaves out of both rates who came or came back", () => {
    fc.assert(
      fc.property(fc.array(life, { maxLength: 8 }), period, (lives, asked) => {
        const all = movementsOf(lives, asked);
        const cohort = all.filter(({ start }) => start !== undefined);
        const [{ grr, nrr, logo_retention }, alone] = [figuresOf(all), figuresOf(cohort)];
        expect([grr, nrr, logo_retention]).toEqual([alone.grr, alone.nrr, alone.logo_retention]);
      }),
    );
  });
});

describe("a group", () => {
  const managed = (account_manager_label: string, manager_key: string): CustomerRow =>
    ({ account_manager_label, manager_key }) as CustomerRow;
  const text = (name: string) => managed(name, `name:${name.toLowerCase()}`);
  const industry = (name?: string): CustomerRow =>
    ({ industry_key: (name ?? "").toLowerCase(), customer: { industry: name } }) as CustomerRow;

  it.each<[by: "account_manager" | "industry", rows: readonly CustomerRow[], labels: readonly string[]]>([
    ["account_manager", ["Ada Lovelace", "Ada Lovelace", "ada lovelace"].map(text), ["Ada Lovelace"]],
    ["account_manager", ["ada lovelace", "Ada Lovelace", "ADA LOVELACE"].map(text), ["ADA LOVELACE"]],
    // A user goes by their name, however others write it.
    [
      "account_manager",
      [managed("Ada", "user:1"), text("ada"), text("ada"), text("No account manager"), managed("", "")],
      ["Ada", "No account manager", "No account manager", "ada"],
    ],
    ["industry", ["Water", "water", "water"].map(industry), ["water"]],
    ["industry", [industry(), industry("no industry")], ["No industry", "no industry"]],
  ])("by %s is called as most call it, in whatever order they come: %#", (by, rows, labels) => {
    fc.assert(
      fc.property(fc.shuffledSubarray([...rows], { minLength: rows.length }), (some) => {
        const { keyOf, labelOf } = grouping(by);
        const keys = new Set(some.map((row) => keyOf(row, 0)));
        expect([...keys].map(labelOf).sort()).toEqual(labels);
      }),
    );
  });
});

describe("a period", () => {
  it.each([
    ["2026", "2026-01-01", "2026-12-31"],
    ["2024-02", "2024-02-01", "2024-02-29"],
    ["2026-Q1", "2026-01-01", "2026-03-31"],
    ["2026-Q4", "2026-10-01", "2026-12-31"],
    ["month", "2026-02-01", "2026-02-28"],
    ["quarter", "2025-10-01", "2025-12-31"],
    ["year", "2025-01-01", "2025-12-31"],
  ])("of the name %s is from %s to %s", (name, first_day, last_day) => {
    expect(periodOf(name, "2026-03-31")).toMatchObject({ first_day, last_day });
  });
});
