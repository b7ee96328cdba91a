import fc from "fast-check";
import { expect, test } from "vitest";
import { latestDueRun, nextRun } from "./schedule-times.ts";

const FREQUENCIES = ["daily", "weekly", "monthly", "quarterly"] as const;
const FROM = Date.parse("2024-01-01T00:00:00Z");
const YEARS_MS = 5 * 365 * 24 * 60 * 60 * 1000;
const instant = fc.nat({ max: YEARS_MS }).map((ms) => new Date(FROM + ms).toISOString());

test.each([
  ["daily", "2026-11-22T06:00:00.000Z", "2026-11-22T06:00:05Z", "2026-11-22T06:00:00.000Z"],
  ["daily", "2026-11-20T06:00:00.000Z", "2026-11-22T05:00:00Z", "2026-11-21T06:00:00.000Z"],
  ["weekly", "2026-11-02T06:00:00.000Z", "2026-11-22T06:00:00Z", "2026-11-16T06:00:00.000Z"],
  ["monthly", "2026-01-31T06:00:00.000Z", "2026-04-30T06:00:00Z", "2026-04-30T06:00:00.000Z"],
  ["quarterly", "2025-10-01T06:00:00.000Z", "2026-09-30T23:00:00Z", "2026-07-01T06:00:00.000Z"],
] as const)("a %s report of %s that is taken up on %s is that of %s", (frequency, first, now, due) => {
  const schedule = { frequency, anchor: first, next_scheduled_at: first };
  expect(latestDueRun(schedule, new Date(now))).toBe(due);
});

test("a report that is taken up late is the newest that is due, and the next one comes after it", () => {
  fc.assert(
    fc.property(fc.constantFrom(...FREQUENCIES), instant, instant, (frequency, one, other) => {
      const [first = "", now = ""] = [one, other].sort();
      const due = latestDueRun({ frequency, anchor: first, next_scheduled_at: first }, new Date(now));
      expect(due >= first && due <= now).toBe(true);
      expect(nextRun(frequency, first, new Date(due)) > now).toBe(true);
      // It is a run: the first one, or one that follows right before it.
      const before = new Date(Date.parse(due) - 1);
      expect(due === first || nextRun(frequency, first, before) === due).toBe(true);
    }),
  );
});

test("a run that was named by hand stays, whatever the others are", () => {
  const schedule = {
    frequency: "monthly",
    anchor: "2027-03-01T06:00:00.000Z",
    next_scheduled_at: "2026-11-20T09:30:00.000Z",
  } as const;
  expect(latestDueRun(schedule, new Date("2026-11-22T10:00:00Z"))).toBe("2026-11-20T09:30:00.000Z");
});
