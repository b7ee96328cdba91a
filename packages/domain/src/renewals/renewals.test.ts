import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../calendar.ts";
import type { CustomerRow } from "../directory/index.ts";
import type { Fact } from "../outcomes/index.ts";
import { customer } from "../portfolio/fixture/rows.ts";
import type { OutcomeLedger, StoredCustomer, StoredRenewal } from "../table/index.ts";
import { historyOf, isForecast, type Judged, recordOf, sentenceOf } from "./forecast.ts";
import { newItem, renewalsOf, renewedAmount, withEnd } from "./renewals.ts";

const TODAY = "2026-06-01";
const inDays = (days: number) => daysAfter(TODAY, days);

const fact = (kind: Fact["kind"], days: number, more: Partial<Fact> = {}): Fact => ({
  ...{ id: `${kind} ${days}`, version: 1, kind, effective_on: inDays(days), reason: "unspecified" },
  recorded_at: `${inDays(-1)}T12:00:00.000Z`,
  ...more,
});

const ledgerOf = (facts: readonly Fact[]): OutcomeLedger => ({
  ...{ customer_id: "c1", began_on: inDays(-800), facts: JSON.stringify(facts) },
  ...{ changed_at: `${TODAY}T00:00:00.000Z`, revision: facts.length },
});

interface Given {
  readonly start?: number;
  readonly end?: number | undefined;
  readonly facts?: readonly Fact[];
  readonly renewals?: readonly StoredRenewal[];
  readonly status?: StoredCustomer["status"];
}

const rowOf = ({ start = -800, end, facts = [], renewals = [], status = "active" }: Given): CustomerRow => ({
  ...customer("c1"),
  customer: {
    ...{ id: "c1", company_name: "Company", deployed_products: [], status, portal_enabled: false },
    ...{ contract_start_date: inDays(start), contract_value: 100_000 },
    ...(end !== undefined && { contract_end_date: inDays(end) }),
    ...{ created_at: `${inDays(-800)}T00:00:00.000Z`, updated_at: `${inDays(-800)}T00:00:00.000Z` },
    ...{ changed_at: `${inDays(-800)}T00:00:00.000Z`, revision: 1 },
  },
  ledger: facts.length > 0 ? ledgerOf(facts) : undefined,
  renewals,
  score: undefined,
});

/** As the job makes it so many days before the end. */
const stored = (number: number, end: number, more: Partial<StoredRenewal> = {}): StoredRenewal => ({
  ...{ id: `r${number}`, customer_id: "c1", number, spell: 1, term_end: inDays(end), stage: "not_started" },
  ...{ created_at: `${inDays(end - 180)}T02:00:00.000Z`, updated_at: `${inDays(end - 180)}T02:00:00.000Z` },
  ...{ changed_at: `${inDays(end - 180)}T02:00:00.000Z`, revision: 1 },
  ...more,
});

const told = (given: Given) =>
  renewalsOf(rowOf(given), TODAY)
    .filter(({ is_due }) => is_due)
    .map(({ number, term_end, ending }) => `${number} ${term_end} ${ending?.stage ?? "open"}`);

describe("a renewal", () => {
  it.each<[why: string, given: Given, expected: readonly string[]]>([
    ["of a contract that ends in 180 days is there", { end: 180 }, [`1 ${inDays(180)} open`]],
    ["of one that ends later is not", { end: 181 }, []],
    ["of one that has just ended is, too", { end: -90 }, [`1 ${inDays(-90)} open`]],
    ["of one that ended long ago is not", { end: -91 }, []],
    ["of a contract without an end is not", {}, []],
    ["of one who has left is not", { end: 10, status: "churned" }, []],
    [
      "follows the contract while it is open",
      { end: 300, renewals: [stored(1, 20)] },
      [`1 ${inDays(300)} open`],
    ],
    ["that is open has none when the contract has no end any more", { renewals: [stored(1, 20)] }, []],
    [
      "ends by a renewal at the end of the term",
      { end: -1, facts: [fact("renewed", 0)], renewals: [stored(1, -1)] },
      [`1 ${inDays(-1)} renewed`],
    ],
    [
      "ends by a renewal months ahead that was recorded while it was there",
      { end: 100, facts: [fact("renewed", 0)], renewals: [stored(1, 100)] },
      [`1 ${inDays(100)} renewed`],
    ],
    [
      "does not end by one that was recorded before it was there, months ahead",
      {
        end: 100,
        facts: [fact("renewed", -5, { recorded_at: "2025-01-01T00:00:00.000Z" })],
        renewals: [stored(1, 100)],
      },
      [`1 ${inDays(100)} open`],
    ],
    ...[true, false].map((isStored): [string, Given, string[]] => [
      `of three months does not end by what holds from its first day on, though ${isStored ? "it is stored" : "nothing is"}`,
      {
        ...{ start: -41, end: 10, facts: [fact("renewed", -41, { recorded_at: `${TODAY}T12:00:00.000Z` })] },
        renewals: isStored ? [stored(1, 10)] : [],
      },
      [`1 ${inDays(10)} open`],
    ]),
    [
      "of three months does not end by what holds from its first day on, 90 days before its end",
      { start: -41, end: 49, facts: [fact("renewed", -41)], renewals: [stored(1, 49)] },
      [`1 ${inDays(49)} open`],
    ],
    [
      "does not end by what held before it was there, months ahead, though that was recorded later",
      {
        ...{ end: 49, facts: [fact("renewed", -41, { recorded_at: `${TODAY}T12:00:00.000Z` })] },
        renewals: [stored(1, 49, { created_at: `${TODAY}T02:00:00.000Z` })],
      },
      [`1 ${inDays(49)} open`],
    ],
    [
      "of three months ends by what holds within it",
      { start: -41, end: 49, facts: [fact("renewed", -40)], renewals: [stored(1, 49)] },
      [`1 ${inDays(49)} renewed`],
    ],
    [
      "of a year ends by what holds months ahead, recorded weeks later",
      { start: -265, end: 100, facts: [fact("renewed", -60)], renewals: [stored(1, 100)] },
      [`1 ${inDays(100)} renewed`],
    ],
    [
      "of a year does not end by what holds from its first day on",
      { start: -265, end: 100, facts: [fact("renewed", -265)], renewals: [stored(1, 100)] },
      [`1 ${inDays(100)} open`],
    ],
    [
      "ends by what holds from the next term's first day on, though the contract says that term already",
      { start: 1, end: 365, facts: [fact("renewed", 1)], renewals: [stored(1, 0)] },
      [`1 ${inDays(0)} renewed`],
    ],
    [
      "that was closed by what holds from the term's first day on is renewed",
      {
        ...{ start: -41, end: 49, facts: [fact("renewed", -41, { id: "o1" })] },
        renewals: [stored(1, 49, { outcome_id: "o1" })],
      },
      [`1 ${inDays(49)} renewed`],
    ],
    [
      "ends by more or less at the end of the term",
      { end: -1, facts: [fact("expanded", 0)], renewals: [stored(1, -1)] },
      [`1 ${inDays(-1)} renewed`],
    ],
    [
      "does not end by more or less within the term",
      { end: 30, facts: [fact("contracted", 0)], renewals: [stored(1, 30)] },
      [`1 ${inDays(30)} open`],
    ],
    [
      "ends by a departure that is announced",
      { end: 30, facts: [fact("churned", 31)], renewals: [stored(1, 30)] },
      [`1 ${inDays(30)} lost`],
    ],
    [
      "stays open while a departure is announced for later than the day behind its term",
      { end: 30, facts: [fact("churned", 32)], renewals: [stored(1, 30)] },
      [`1 ${inDays(30)} open`],
    ],
    [
      "is lost on the day of that departure",
      { end: -30, facts: [fact("churned", 0)], renewals: [stored(1, -30)] },
      [`1 ${inDays(-30)} lost`],
    ],
    [
      "is lost by a later departure that it was closed by",
      { end: 30, facts: [fact("churned", 60)], renewals: [stored(1, 30, { outcome_id: "churned 60" })] },
      [`1 ${inDays(30)} lost`],
    ],
    [
      "is lost when they have left before the day that was announced",
      { end: 30, facts: [fact("churned", 760)], renewals: [stored(1, 30)], status: "churned" },
      [`1 ${inDays(30)} lost`],
    ],
    [
      "can be renewed though a departure in the next term is announced",
      { end: 30, facts: [fact("renewed", 31), fact("churned", 760)], renewals: [stored(1, 30)] },
      [`1 ${inDays(30)} renewed`],
    ],
    [
      "that was lost is followed by none, though the contract's end is moved",
      {
        end: 60,
        facts: [fact("churned", 31)],
        renewals: [stored(1, 30, { outcome_id: "churned 31" })],
      },
      [`1 ${inDays(30)} lost`],
    ],
    [
      "behind one that is lost is none, though it was stored while that one was renewed",
      { end: 100, facts: [fact("churned", 0)], renewals: [stored(1, -5), stored(2, 100)] },
      [`1 ${inDays(-5)} lost`],
    ],
    [
      "of who came back has a number of its own, though one was stored behind the lost one",
      {
        end: 150,
        facts: [fact("churned", -50), fact("reactivated", -40)],
        renewals: [stored(1, -60), stored(2, 100)],
      },
      [`1 ${inDays(-60)} lost`, `3 ${inDays(150)} open`],
    ],
    [
      "is lost by who leaves by the end of the term, though they had renewed",
      { end: 30, facts: [fact("renewed", 0), fact("churned", 31)], renewals: [stored(1, 30)] },
      [`1 ${inDays(30)} lost`],
    ],
    [
      "stays renewed when they leave in the next term",
      {
        end: 230,
        facts: [fact("renewed", -100), fact("churned", 0)],
        renewals: [stored(1, -101)],
        status: "churned",
      },
      [`1 ${inDays(-101)} renewed`],
    ],
    [
      "ends where it was when the contract was moved before the outcome was recorded",
      { end: 365, facts: [fact("renewed", 1)], renewals: [stored(1, 0)] },
      [`1 ${inDays(0)} renewed`],
    ],
    [
      "ends there also when the job has noted the new end",
      {
        end: 365,
        facts: [fact("renewed", 1)],
        renewals: [stored(1, 365, { former_ends: [inDays(0)], created_at: stored(1, 0).created_at })],
      },
      [`1 ${inDays(0)} renewed`],
    ],
    [
      "is followed by that of the next term",
      { end: 90, facts: [fact("renewed", -90)], renewals: [stored(1, -91)] },
      [`1 ${inDays(-91)} renewed`, `2 ${inDays(90)} open`],
    ],
    [
      "of terms of three months each ends by its own outcome",
      {
        end: 95,
        facts: [fact("renewed", -90), fact("renewed", 4)],
        renewals: [stored(1, -91), stored(2, 3, { created_at: `${inDays(-89)}T00:00:00.000Z` })],
      },
      [`1 ${inDays(-91)} renewed`, `2 ${inDays(3)} renewed`, `3 ${inDays(95)} open`],
    ],
    [
      "of who came back is another one, and the lost one stays lost",
      {
        end: 100,
        facts: [fact("churned", -200), fact("reactivated", -150)],
        renewals: [stored(1, -190)],
      },
      [`1 ${inDays(-190)} lost`, `2 ${inDays(100)} open`],
    ],
    [
      "of who left and came back on the day on which it was made stays lost",
      {
        end: 150,
        facts: [fact("churned", 0), fact("reactivated", 0)],
        renewals: [stored(1, 40, { created_at: `${TODAY}T02:00:00.000Z` })],
      },
      [`1 ${inDays(40)} lost`, `2 ${inDays(150)} open`],
    ],
    [
      "stays of its spell when an earlier one becomes known",
      {
        end: 100,
        facts: [fact("churned", -500), fact("reactivated", -400)],
        renewals: [stored(1, 100)],
      },
      [`1 ${inDays(100)} open`],
    ],
    [
      "of who came back without a new contract is none",
      { end: -20, facts: [fact("churned", -30), fact("reactivated", -5)], renewals: [stored(1, -20)] },
      [`1 ${inDays(-20)} lost`],
    ],
    [
      "of who left when nobody recorded outcomes is lost",
      { end: -20, renewals: [stored(1, -20)], status: "churned" },
      [`1 ${inDays(-20)} lost`],
    ],
    [
      "is the one that its outcome was recorded with, whatever the day",
      {
        end: 400,
        facts: [fact("renewed", 120, { id: "o1" })],
        renewals: [stored(1, 30, { outcome_id: "o1" })],
      },
      [`1 ${inDays(30)} renewed`],
    ],
    [
      "is open again when that outcome was withdrawn",
      {
        end: 30,
        facts: [
          fact("renewed", 31, { id: "o1" }),
          fact("renewed", 31, { id: "o1", version: 2, is_withdrawn: true }),
        ],
        renewals: [stored(1, 30, { outcome_id: "o1" })],
      },
      [`1 ${inDays(30)} open`],
    ],
  ])("%s", (_, given, expected) => {
    expect(told(given)).toEqual(expected);
  });

  it("has at stake what was set, else what its outcome found, else the contract's value", () => {
    const amountOf = (given: Given) => {
      const [one] = renewalsOf(rowOf(given), TODAY);
      return [one?.amount, one && renewedAmount(one)];
    };
    const ended = { end: -1, facts: [fact("renewed", 0, { amount_before: 900, amount_after: 1_200 })] };
    expect(amountOf({ end: 5 })).toEqual([100_000, 0]);
    expect(amountOf({ end: 5, renewals: [stored(1, 5, { amount: 7 })] })).toEqual([7, 0]);
    expect(amountOf({ ...ended, renewals: [stored(1, -1)] })).toEqual([900, 900]);
    expect(amountOf({ ...ended, renewals: [stored(1, -1, { amount: 1_500 })] })).toEqual([1_500, 1_200]);
  });

  it("keeps ends that it had, without the band of a time that is void", () => {
    const before = stored(1, 10, { lead_on: inDays(-80), lead_band: "low", lead_score: 90 });
    const after = withEnd(before, inDays(200));
    expect(after).toMatchObject({ term_end: inDays(200), former_ends: [inDays(10)] });
    expect(after.lead_band).toBeUndefined();
    expect(withEnd(before, before.term_end)).toBe(before);
  });

  // What happens to a customer, day by day, with the job each day: whatever order things come in.
  const step = fc.oneof(
    fc.record({ kind: fc.constant("end" as const), days: fc.integer({ min: -40, max: 400 }) }),
    fc.record({ kind: fc.constant("renew" as const), days: fc.integer({ min: -20, max: 60 }) }),
    fc.record({ kind: fc.constant("leave" as const), days: fc.integer({ min: 0, max: 800 }) }),
    fc.record({ kind: fc.constantFrom("close" as const, "lose" as const), days: fc.constant(0) }),
    fc.record({ kind: fc.constant("return" as const), days: fc.constant(0) }),
    fc.record({ kind: fc.constant("withdraw" as const), days: fc.constant(0) }),
    fc.record({ kind: fc.constant("wait" as const), days: fc.integer({ min: 1, max: 120 }) }),
  );

  it("is one at a time, has an outcome of its own, and the job has nothing to do twice", () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25 }), (steps) => {
        let today = TODAY;
        let facts: Fact[] = [];
        let renewals: StoredRenewal[] = [];
        let end: string | undefined = inDays(100);
        const rowNow = (): CustomerRow => {
          const row = rowOf({ facts, renewals });
          const gone = facts.findLast(
            ({ kind, effective_on }) => kind !== "renewed" && effective_on <= today,
          );
          const status = gone?.kind === "churned" ? ("churned" as const) : ("active" as const);
          return {
            ...row,
            customer: { ...row.customer, status, ...(end !== undefined && { contract_end_date: end }) },
          };
        };
        const note = () => {
          const found = renewalsOf(rowNow(), today);
          for (const one of found) {
            if (!one.is_due) continue;
            const now = new Date(`${today}T02:00:00Z`);
            if (!one.stored) renewals = [...renewals, newItem(one, now)];
            else if (!one.ending)
              renewals = renewals.map((item) => (item.id === one.id ? withEnd(item, one.term_end) : item));
          }
        };
        for (const [n, { kind, days }] of steps.entries()) {
          const departure = facts.findLast((one) => one.kind === "churned" || one.kind === "reactivated");
          const isGone = departure?.kind === "churned";
          const day = daysAfter(today, days);
          const add = (of: Fact["kind"], effective_on: string) =>
            facts.push(fact(of, 0, { id: `f${n}`, effective_on, recorded_at: `${today}T10:00:00.000Z` }));
          const open = renewalsOf(rowNow(), today).find((one) => one.stored && !one.ending);
          if (kind === "wait") today = day;
          else if (kind === "end") end = day;
          else if (kind === "renew" && !isGone) add("renewed", day);
          else if (kind === "leave" && !isGone) add("churned", day);
          else if ((kind === "close" || kind === "lose") && open && !isGone) {
            add(kind === "close" ? "renewed" : "churned", daysAfter(open.term_end, 1));
            renewals = renewals.map((item) =>
              item.id === open.id ? { ...withEnd(item, open.term_end), outcome_id: `f${n}` } : item,
            );
          } else if (kind === "return" && isGone && departure.effective_on <= today)
            add("reactivated", today);
          else if (kind === "withdraw")
            facts = facts.filter((one, m) => m < facts.length - 1 || one.kind !== "renewed");
          note();
          const found = renewalsOf(rowNow(), today);
          const before = JSON.stringify(renewals);
          note();
          expect(JSON.stringify(renewals)).toBe(before);
          // Of two that are open, somebody has withdrawn what the first ended by.
          const hasWithdrawn = steps.slice(0, n + 1).some((one) => one.kind === "withdraw");
          if (!hasWithdrawn) expect(found.filter(({ ending }) => !ending).length).toBeLessThanOrEqual(1);
          const outcomes = found.flatMap(({ ending }) => ending?.fact?.id ?? []);
          expect(new Set(outcomes).size).toBe(outcomes.length);
          expect(new Set(found.map(({ id }) => id)).size).toBe(found.length);
          expect(found.every(({ term_end }) => /^\d{4}-\d\d-\d\d$/.test(term_end))).toBe(true);
        }
      }),
      { numRuns: 1_000 },
    );
  });
});

describe("the history of renewals", () => {
  it("counts those that have ended, by the band 90 days before the end, else that of their creation", () => {
    const row = rowOf({
      end: 300,
      facts: [fact("renewed", -700), fact("renewed", -350), fact("churned", 0)],
      renewals: [
        stored(1, -701, { created_band: "high", lead_band: "low" }),
        stored(2, -351, { created_band: "medium" }),
        stored(3, -1, { created_band: "low", lead_band: "critical" }),
      ],
      status: "churned",
    });
    expect(historyOf(renewalsOf(row, TODAY) as never)).toEqual({
      low: { renewed: 1, lost: 0 },
      medium: { renewed: 1, lost: 0 },
      critical: { renewed: 0, lost: 1 },
    });
    const open = rowOf({ end: 30, renewals: [stored(1, 30, { created_band: "low", lead_band: "low" })] });
    expect(historyOf(renewalsOf(open, TODAY) as never)).toEqual({});
  });
});

describe("the record of forecasts", () => {
  /** So many forecasts of each of some quarters; those of the first ones held, and all are too high by 5. */
  const judged = (quarters: number, held: number, weeks = 13): Judged[] =>
    Array.from({ length: quarters }, (_, n) =>
      Array.from({ length: weeks }, () => ({
        snapshot: { period: `${2000 + n}-Q1`, p10: 80_000, p50: 100_000, p90: 110_000 },
        actual: n < held ? 99_500 : 20_000,
      })),
    ).flat();

  it("has as many tries as there are quarters, however many forecasts each has", () => {
    const record = recordOf(judged(10, 8));
    expect(record).toMatchObject({ snapshots: 130, periods: 10, held: 104, share: 0.8 });
    const { low, high } = recordOf(judged(10, 8, 1));
    expect([record.low, record.high]).toEqual([low, high]);
    // 26 of 26 in one quarter and 0 of 1 in another.
    const uneven = recordOf([...judged(1, 1, 26), ...judged(2, 1, 1).slice(1)]);
    expect(uneven).toMatchObject({ snapshots: 27, periods: 2, held: 26, share: 0.5 });
    const even = recordOf(judged(2, 1, 1));
    expect([uneven.low, uneven.high]).toEqual([even.low, even.high]);
    expect(sentenceOf(uneven)).toMatch(
      /^Of 27 forecasts of 2 quarters, 26 held \(50 % if each quarter counts alike,/,
    );
    expect(recordOf([])).toMatchObject({ snapshots: 0, share: null, low: 0, high: 1, bias: null });
  });

  it("has no forecasts of renewals of which nobody knows what is at stake", () => {
    const forecasts = [0, 1].map((cents) => isForecast({ open: { renewals: 1, cents } }));
    expect(forecasts).toEqual([false, true]);
  });

  it.each([
    [0, 0, /^No quarter with forecasts is over/],
    [1, 1, /^Of 13 forecasts of 1 quarter, 13 held \(100 %, where 80 % should\)\. 1 quarter can't tell/],
    [10, 8, /That is as it should be, .* 164\.00 less than the middle/],
    [10, 10, /as it should be, .* 5\.00 less than/],
    [40, 40, /too often: the intervals are too wide/],
    [40, 10, /too rarely: the intervals are too narrow/],
  ])("of %i quarters, of which %i held, is told in words", (quarters, held, expected) => {
    expect(sentenceOf(recordOf(judged(quarters, held)))).toMatch(expected);
  });
});
