import { ReportFrequency } from "@success-manager/contract/vocabulary";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../calendar.ts";
import { nextRun } from "./schedule-times.ts";

const day = (run: string) => run.slice(0, 10);

/** The runs after an instant, one by one. */
function runsAfter(frequency: ReportFrequency, anchor: string, after: Date, count: number): string[] {
  const runs: string[] = [];
  for (let at = after; runs.length < count; at = new Date(runs.at(-1) ?? "")) {
    runs.push(nextRun(frequency, anchor, at));
  }
  return runs;
}

const instants = (from: string, to: string) =>
  fc.date({ min: new Date(from), max: new Date(to), noInvalidDate: true });
const anchors = instants("2019-01-01T00:00:00Z", "2024-12-31T23:59:59.999Z");
/** Days that not every month has. */
const lateAnchors = fc
  .record({
    month: fc.integer({ min: 0, max: 71 }),
    day: fc.constantFrom(29, 30, 31),
    ms: fc.nat({ max: DAY_MS - 1 }),
  })
  .map(({ month, day, ms }) => new Date(Date.UTC(2019, month, day) + ms))
  .filter((date) => date.getUTCDate() >= 29);
const frequency = fc.constantFrom(...ReportFrequency.options);
const FIVE_YEARS = { daily: 1_827, weekly: 261, monthly: 60, quarterly: 20 };

describe("runs", () => {
  it.each<[ReportFrequency, string, string[]]>([
    ["daily", "2026-02-27T06:00:00.000Z", ["2026-02-28", "2026-03-01", "2026-03-02"]],
    ["daily", "2028-02-27T06:00:00.000Z", ["2028-02-28", "2028-02-29", "2028-03-01"]],
    ["weekly", "2026-12-21T06:00:00.000Z", ["2026-12-28", "2027-01-04", "2027-01-11"]],
    ["monthly", "2026-01-31T06:00:00.000Z", ["2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31"]],
    ["monthly", "2028-01-31T06:00:00.000Z", ["2028-02-29", "2028-03-31", "2028-04-30"]],
    ["monthly", "2028-02-29T06:00:00.000Z", ["2028-03-29", "2028-04-29"]],
    ["quarterly", "2025-11-30T06:00:00.000Z", ["2026-02-28", "2026-05-30", "2026-08-30", "2026-11-30"]],
    ["quarterly", "2027-11-30T06:00:00.000Z", ["2028-02-29", "2028-05-30"]],
    ["quarterly", "2026-01-31T06:00:00.000Z", ["2026-04-30", "2026-07-31", "2026-10-31", "2027-01-31"]],
    ["quarterly", "2026-12-31T06:00:00.000Z", ["2027-03-31", "2027-06-30", "2027-09-30", "2027-12-31"]],
  ])("come %s after %s", (frequency, anchor, days) => {
    expect(runsAfter(frequency, anchor, new Date(anchor), days.length).map(day)).toEqual(days);
  });

  it("begin with the anchor, also when that is far ahead", () => {
    const anchor = "2030-05-31T17:45:00.250Z";
    for (const frequency of ReportFrequency.options) {
      expect(nextRun(frequency, anchor, new Date("2026-01-01T00:00:00Z"))).toBe(anchor);
      expect(nextRun(frequency, anchor, new Date(Date.parse(anchor) - 1))).toBe(anchor);
    }
  });

  it("that were missed are not caught up", () => {
    const now = new Date("2026-11-22T17:00:00Z");
    expect(nextRun("daily", "1900-01-01T06:00:00.000Z", now)).toBe("2026-11-23T06:00:00.000Z");
    expect(nextRun("weekly", "2026-01-05T06:00:00.000Z", now)).toBe("2026-11-23T06:00:00.000Z");
    expect(nextRun("monthly", "1900-01-31T06:00:00.000Z", now)).toBe("2026-11-30T06:00:00.000Z");
    expect(nextRun("quarterly", "2020-02-29T06:00:00.000Z", now)).toBe("2026-11-29T06:00:00.000Z");
  });

  it("come strictly after the instant, and as its first", () => {
    fc.assert(
      fc.property(
        frequency,
        anchors,
        instants("2019-01-01T00:00:00Z", "2035-12-31T23:59:59.999Z"),
        (every, anchor, after) => {
          const start = anchor.toISOString();
          const next = nextRun(every, start, after);
          expect(next > after.toISOString()).toBe(true);
          // Nothing lies between: the run before it is not after the instant.
          const earlier = new Date(Date.parse(next) - 1);
          const back = new Date(Math.max(after.getTime(), anchor.getTime() - 1));
          expect(nextRun(every, start, back)).toBe(nextRun(every, start, earlier));
        },
      ),
    );
  });
});

describe("over five years", () => {
  it("runs grow, keep their time of day, and each follows from the one before", () => {
    fc.assert(
      fc.property(frequency, fc.oneof(anchors, lateAnchors), (every, anchor) => {
        const start = anchor.toISOString();
        const runs = runsAfter(every, start, anchor, FIVE_YEARS[every]);
        for (const [n, run] of runs.entries()) {
          expect(run.slice(10)).toBe(start.slice(10));
          expect(run > (runs[n - 1] ?? start)).toBe(true);
        }
      }),
      { numRuns: 30 },
    );
  });

  it("daily and weekly runs skip no day", () => {
    fc.assert(
      fc.property(fc.constantFrom("daily", "weekly"), anchors, (every, anchor) => {
        const runs = runsAfter(every, anchor.toISOString(), anchor, FIVE_YEARS[every]);
        const days = every === "daily" ? 1 : 7;
        expect(runs).toEqual(
          runs.map((_, n) => new Date(anchor.getTime() + (n + 1) * days * DAY_MS).toISOString()),
        );
      }),
      { numRuns: 20 },
    );
  });

  it("monthly and quarterly runs skip no month, and come on their day or the last one there is", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("monthly", "quarterly"),
        fc.oneof(lateAnchors, anchors),
        (every, anchor) => {
          const step = every === "monthly" ? 1 : 3;
          const runs = runsAfter(every, anchor.toISOString(), anchor, FIVE_YEARS[every]);
          const expected = runs.map((_, n) => {
            const month = anchor.getUTCMonth() + (n + 1) * step;
            // The day before the first of the month after it.
            const last = new Date(Date.UTC(anchor.getUTCFullYear(), month + 1, 1) - DAY_MS).getUTCDate();
            const at = Date.UTC(anchor.getUTCFullYear(), month, Math.min(anchor.getUTCDate(), last));
            return day(new Date(at).toISOString());
          });
          expect(runs.map(day)).toEqual(expected);
        },
      ),
    );
  });

  it("a shorter month moves the run of that month alone", () => {
    fc.assert(
      fc.property(fc.constantFrom("monthly", "quarterly"), lateAnchors, (every, anchor) => {
        const runs = runsAfter(every, anchor.toISOString(), anchor, FIVE_YEARS[every]);
        const days = runs.map((run) => new Date(run).getUTCDate());
        // Of 31, 30 or 29 days, whichever a month has: no run comes earlier in a month that has the day.
        for (const [n, run] of runs.entries()) {
          const tomorrow = new Date(Date.parse(run) + DAY_MS);
          expect(days[n] === anchor.getUTCDate() || tomorrow.getUTCDate() === 1).toBe(true);
        }
        expect(days.includes(anchor.getUTCDate())).toBe(true);
      }),
    );
  });

  it("the last day of a quarter stays the last day of each", () => {
    const runs = runsAfter("quarterly", "2023-12-31T06:00:00.000Z", new Date("2023-12-31T06:00:00Z"), 20);
    expect(runs.slice(0, 5).map(day)).toEqual([
      "2024-03-31",
      "2024-06-30",
      "2024-09-30",
      "2024-12-31",
      "2025-03-31",
    ]);
    for (const run of runs) expect(new Date(Date.parse(run) + DAY_MS).getUTCDate()).toBe(1);
  });
});
