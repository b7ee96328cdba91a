import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastInteractionAt, retainedDates } from "./interaction.ts";

const now = new Date("2026-06-01T12:00:00.000Z");
const HOUR_MS = 60 * 60 * 1000;
const date = fc
  .integer({ min: -40, max: 40 })
  .map((hours) => new Date(now.getTime() + hours * HOUR_MS).toISOString());
const dates = fc.array(date, { maxLength: 80 });

describe("the dates that are retained of a customer's interactions", () => {
  it("tell the last interaction as all of them would, now and as the next ones pass", () => {
    fc.assert(
      fc.property(dates, fc.integer({ min: 0, max: 15 }), (all, hours) => {
        const later = new Date(now.getTime() + hours * HOUR_MS);
        const newest = all
          .filter((one) => one <= later.toISOString())
          .sort()
          .at(-1);
        expect(lastInteractionAt({ dates: retainedDates(all, now) }, later)).toBe(newest);
      }),
    );
  });

  it("are the same however they came, and when they are kept again", () => {
    fc.assert(
      fc.property(dates, dates, (some, more) => {
        const kept = retainedDates([...some, ...more], now);
        expect(retainedDates(kept, now)).toEqual(kept);
        expect(retainedDates([...retainedDates(some, now), ...more].reverse(), now)).toEqual(kept);
        expect(kept.length).toBeLessThanOrEqual(21);
      }),
    );
  });
});
