import { describe, expect, it } from "vitest";
import type { StoredReportSchedule } from "../table/index.ts";
import { applyChanges } from "./schedules.ts";

/** A Sunday. */
const NOW = new Date("2026-11-22T17:00:00.000Z");

const schedule = (changes: Partial<StoredReportSchedule> = {}): StoredReportSchedule => ({
  id: "s1",
  report_name: "Monthly health",
  report_type: "health_summary",
  frequency: "monthly",
  recipients: ["ada@example.com"],
  filters: { min_score: 40 },
  anchor: "2026-10-31T08:30:00.000Z",
  next_scheduled_at: "2026-11-30T08:30:00.000Z",
  is_active: true,
  created_by: "Grace",
  created_by_id: "u1",
  created_at: "2026-10-01T00:00:00.000Z",
  updated_at: "2026-10-01T00:00:00.000Z",
  secret: "secret",
  revision: 3,
  ...changes,
});
const runs = (input: Parameters<typeof applyChanges>[1], before = schedule()) => {
  const { anchor, next_scheduled_at } = applyChanges(before, input, NOW);
  return { anchor, next_scheduled_at };
};
const KEPT = { anchor: "2026-10-31T08:30:00.000Z", next_scheduled_at: "2026-11-30T08:30:00.000Z" };

describe("a changed schedule", () => {
  it("keeps what is absent, and is one revision further", () => {
    const before = schedule();
    expect(applyChanges(before, {}, NOW)).toEqual({ ...before, updated_at: NOW.toISOString(), revision: 4 });
  });

  it("has what is sent; null clears its filters", () => {
    const input = {
      report_name: "New",
      report_type: "csat_analysis",
      recipients: ["grace@example.com"],
      is_active: false,
    } as const;
    const { filters, ...after } = applyChanges(
      schedule(),
      { ...input, recipients: [...input.recipients] },
      NOW,
    );
    expect(after).toMatchObject(input);
    expect(filters).toEqual({ min_score: 40 });
    expect(applyChanges(schedule(), { filters: null }, NOW)).not.toHaveProperty("filters");
    expect(applyChanges(schedule(), { filters: { max_score: 5 } }, NOW).filters).toEqual({ max_score: 5 });
  });

  const [A, B] = ["a", "b"].map((id) => id.repeat(8));
  it.each([
    ["as it is shown, with other filters", { customer_id: A, filters: { min_score: 5 } }, { min_score: 5 }],
    ["as it is shown, without filters", { customer_id: A, filters: null }, undefined],
    ["as it is shown alone", { customer_id: A }, { customer_id: A, max_score: 9 }],
    ["another one", { customer_id: B }, { customer_id: B, max_score: 9 }],
    [
      "another one, with filters",
      { customer_id: B, filters: { min_score: 5 } },
      { customer_id: B, min_score: 5 },
    ],
    ["none", { customer_id: null }, { max_score: 9 }],
    [
      "none, with filters that say another",
      { customer_id: null, filters: { customer_id: B } },
      { customer_id: B },
    ],
  ])("takes the customer beside the filters: %s", (_, input, filters) => {
    const before = schedule({ filters: { customer_id: A, max_score: 9 } });
    expect(applyChanges(before, input, NOW).filters).toEqual(filters);
  });

  it("is refused with two customers", () => {
    expect(() => applyChanges(schedule(), { customer_id: A, filters: { customer_id: B } }, NOW)).toThrow(
      "must not be another one than filters.customer_id",
    );
  });

  it("runs as before as long as nothing is said about that", () => {
    expect(runs({ report_name: "New", recipients: [] })).toEqual(KEPT);
  });

  it("runs as before when a form sends along what it was shown", () => {
    const shown = { time: "08:30", day_of_week: null, day_of_month: 31, quarter_month: null };
    expect(runs({ ...shown, frequency: "monthly", next_scheduled_at: KEPT.next_scheduled_at })).toEqual(KEPT);
    // Its frequency has no use for these.
    const ahead = { anchor: "2031-10-31T08:30:00.000Z", next_scheduled_at: "2031-10-31T08:30:00.000Z" };
    expect(runs({ day_of_week: 3, quarter_month: 2 }, schedule(ahead))).toEqual(ahead);
  });

  it("runs at another time from now on, on the day it had", () => {
    expect(runs({ time: "10:00" })).toEqual({
      anchor: "2026-10-31T10:00:00.000Z",
      next_scheduled_at: "2026-11-30T10:00:00.000Z",
    });
    expect(runs({ time: "10:00", next_scheduled_at: KEPT.next_scheduled_at }).next_scheduled_at).toBe(
      "2026-11-30T10:00:00.000Z",
    );
    expect(runs({ day_of_month: 15 })).toMatchObject({ next_scheduled_at: "2026-12-15T08:30:00.000Z" });
  });

  it.each([
    ["daily", "2026-11-23T08:30:00.000Z"],
    ["weekly", "2026-11-23T08:30:00.000Z"],
    ["quarterly", "2027-01-31T08:30:00.000Z"],
  ] as const)("runs %s from now on, at the time it had", (frequency, next_scheduled_at) => {
    expect(runs({ frequency })).toMatchObject({ next_scheduled_at });
  });

  it("runs next when that is named, also in the past, and then keeps that time", () => {
    const past = "2026-03-29T05:00:00.000Z";
    expect(runs({ next_scheduled_at: past })).toEqual({ anchor: past, next_scheduled_at: past });
    expect(runs({ next_scheduled_at: past, frequency: "daily", time: "07:00", is_active: true })).toEqual({
      anchor: past,
      next_scheduled_at: past,
    });
  });

  it.each([
    ["the run that was done", "2026-11-20T06:00:00.000Z", false],
    ["a run before that, of a form that was open for long", "2026-11-18T06:00:00.000Z", false],
    ["the run to come", "2026-11-23T06:00:00.000Z", false],
    ["an instant of no run", "2026-11-20T06:00:00.001Z", true],
    ["one that was due after the run that was done", "2026-11-21T06:00:00.000Z", true],
    ["one before the first run", "2026-11-16T06:00:00.000Z", true],
    ["one to come", "2026-11-25T06:00:00.000Z", true],
  ])("takes %s as an order to run: %s, %s", (_, given, isOrder) => {
    const before = schedule({
      frequency: "daily",
      anchor: "2026-11-17T06:00:00.000Z",
      last_scheduled_at: "2026-11-20T06:00:00.000Z",
      next_scheduled_at: "2026-11-23T06:00:00.000Z",
    });
    const { anchor, next_scheduled_at } = isOrder ? { anchor: given, next_scheduled_at: given } : before;
    expect(runs({ next_scheduled_at: given, time: "06:00" }, before)).toEqual({ anchor, next_scheduled_at });
  });

  it("that has not run yet runs at any instant that is named", () => {
    const { anchor } = KEPT;
    expect(runs({ next_scheduled_at: anchor })).toEqual({ anchor, next_scheduled_at: anchor });
  });

  it("that is taken up again does not catch up on what it missed", () => {
    const missed = { next_scheduled_at: "2026-10-31T08:30:00.000Z" };
    expect(runs({ is_active: true }, schedule({ ...missed, is_active: false }))).toEqual(KEPT);
    expect(
      runs(
        { is_active: true },
        schedule({ ...missed, next_scheduled_at: NOW.toISOString(), is_active: false }),
      ),
    ).toEqual(KEPT);
    expect(runs({ is_active: false }, schedule(missed))).toMatchObject(missed);
    // It is due: nobody paused it.
    expect(runs({ is_active: true }, schedule(missed))).toMatchObject(missed);
    const ahead = { next_scheduled_at: "2026-12-31T08:30:00.000Z", is_active: false };
    expect(runs({ is_active: true }, schedule(ahead))).toMatchObject({
      next_scheduled_at: ahead.next_scheduled_at,
    });
  });
});
