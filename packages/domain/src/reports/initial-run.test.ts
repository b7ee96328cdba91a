import { ReportFrequency } from "@success-manager/contract/vocabulary";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DAY_MS } from "../calendar.ts";
import { initialRun, nextRun, type Timing, timingOf } from "./schedule-times.ts";

/** A Sunday. */
const NOW = "2026-11-22T17:00:00.000Z";
const first = (frequency: ReportFrequency, timing: Timing = {}, now = NOW) =>
  initialRun(frequency, timing, new Date(now)).next_scheduled_at;

describe("the first run", () => {
  it.each<[ReportFrequency, string, string]>([
    ["daily", NOW, "2026-11-23T06:00:00.000Z"],
    ["daily", "2026-11-22T05:59:59.999Z", "2026-11-22T06:00:00.000Z"],
    ["daily", "2026-11-22T06:00:00.000Z", "2026-11-23T06:00:00.000Z"],
    ["weekly", NOW, "2026-11-23T06:00:00.000Z"],
    ["weekly", "2026-11-23T06:00:00.000Z", "2026-11-30T06:00:00.000Z"],
    ["monthly", NOW, "2026-12-01T06:00:00.000Z"],
    ["monthly", "2026-12-01T05:00:00.000Z", "2026-12-01T06:00:00.000Z"],
    ["monthly", "2026-12-31T23:59:59.999Z", "2027-01-01T06:00:00.000Z"],
    ["quarterly", NOW, "2027-01-01T06:00:00.000Z"],
    ["quarterly", "2026-04-01T06:00:00.000Z", "2026-07-01T06:00:00.000Z"],
  ])("of a %s report is, at %s, %s when nobody says more", (frequency, now, run) => {
    expect(first(frequency, {}, now)).toBe(run);
  });

  it.each<[ReportFrequency, Timing, string]>([
    ["daily", { time: "17:00" }, "2026-11-23T17:00:00.000Z"],
    ["daily", { time: "17:01" }, "2026-11-22T17:01:00.000Z"],
    ["daily", { time: "00:00" }, "2026-11-23T00:00:00.000Z"],
    ["daily", { time: "23:59", day_of_week: 3, day_of_month: 31 }, "2026-11-22T23:59:00.000Z"],
    ["weekly", { day_of_week: 0 }, "2026-11-29T06:00:00.000Z"],
    ["weekly", { day_of_week: 0, time: "18:00" }, "2026-11-22T18:00:00.000Z"],
    ["weekly", { day_of_week: 6 }, "2026-11-28T06:00:00.000Z"],
    ["monthly", { day_of_month: 22 }, "2026-12-22T06:00:00.000Z"],
    ["monthly", { day_of_month: 23 }, "2026-11-23T06:00:00.000Z"],
    ["monthly", { day_of_month: 31 }, "2026-11-30T06:00:00.000Z"],
    ["quarterly", { quarter_month: 2 }, "2027-02-01T06:00:00.000Z"],
    ["quarterly", { quarter_month: 2, day_of_month: 30 }, "2026-11-30T06:00:00.000Z"],
    ["quarterly", { quarter_month: 3 }, "2026-12-01T06:00:00.000Z"],
    ["quarterly", { day_of_month: 31 }, "2027-01-31T06:00:00.000Z"],
  ])("of a %s report with %j is %s", (frequency, timing, run) => {
    expect(first(frequency, timing)).toBe(run);
  });

  it("of the 31st asked for in February comes on its last day, and in March on the 31st", () => {
    const now = new Date("2027-02-10T00:00:00Z");
    const { anchor, next_scheduled_at } = initialRun("monthly", { day_of_month: 31 }, now);
    expect(next_scheduled_at).toBe("2027-02-28T06:00:00.000Z");
    expect(nextRun("monthly", anchor, new Date(next_scheduled_at))).toBe("2027-03-31T06:00:00.000Z");
  });
});

const timings = fc.record(
  {
    time: fc
      .nat({ max: 1439 })
      .map((minute) =>
        [Math.floor(minute / 60), minute % 60].map((part) => `${part}`.padStart(2, "0")).join(":"),
      ),
    day_of_week: fc.integer({ min: 0, max: 6 }),
    day_of_month: fc.integer({ min: 1, max: 31 }),
    quarter_month: fc.integer({ min: 1, max: 3 }),
  },
  { requiredKeys: [] },
);
const USUAL = { time: "06:00", day_of_week: 1, day_of_month: 1, quarter_month: 1 };
const LONGEST_DAYS = { daily: 1, weekly: 7, monthly: 31, quarterly: 92 };

describe("whenever it is asked for", () => {
  it("the first run is when it was wanted, after now, within one period, and not later than need be", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...ReportFrequency.options),
        timings,
        fc.date({
          min: new Date("2024-01-01T00:00:00Z"),
          max: new Date("2031-12-31T23:59:59.999Z"),
          noInvalidDate: true,
        }),
        (frequency, timing, now) => {
          const { anchor, next_scheduled_at } = initialRun(frequency, timing, now);
          const run = new Date(next_scheduled_at);
          expect(run > now).toBe(true);
          // A day more: the last day of a short month may be followed by the 31st.
          expect(run.getTime() - now.getTime()).toBeLessThanOrEqual((LONGEST_DAYS[frequency] + 3) * DAY_MS);
          const shown = timingOf(frequency, anchor);
          const wanted = { ...USUAL, ...timing };
          expect(shown.time).toBe(wanted.time);
          expect(next_scheduled_at.slice(11)).toBe(`${wanted.time}:00.000Z`);
          for (const name of ["day_of_week", "day_of_month", "quarter_month"] as const)
            expect(shown[name] ?? wanted[name]).toBe(wanted[name]);
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe("when a schedule runs, for a person,", () => {
  it.each<[ReportFrequency, object]>([
    ["daily", { time: "17:45", day_of_week: null, day_of_month: null, quarter_month: null }],
    ["weekly", { time: "17:45", day_of_week: 2, day_of_month: null, quarter_month: null }],
    ["monthly", { time: "17:45", day_of_week: null, day_of_month: 31, quarter_month: null }],
    ["quarterly", { time: "17:45", day_of_week: null, day_of_month: 31, quarter_month: 3 }],
  ])("is told as its %s frequency has use for", (frequency, timing) => {
    expect(timingOf(frequency, "2024-12-31T17:45:30.000Z")).toEqual(timing);
  });
});
