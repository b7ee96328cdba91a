import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { partitions } from "../table/index.ts";
import { after, type IndexRange } from "./range.ts";

const range: IndexRange<object> = {
  partition: partitions.type("interaction"),
  from: "2026-01-02",
  to: "2026-01-05~",
  order: "desc",
  filter: [],
};

/** Few instants and ids that lie close together, so that ties and neighbours come up; some outside the range. */
const place = fc
  .tuple(
    fc.constantFrom(
      "2026-01-01T00:00:00.000Z",
      "2026-01-03T08:00:00.000Z",
      "2026-01-03T08:00:00.001Z",
      "2026-01-06T00:00:00.000Z",
    ),
    fc.constantFrom("0", "9", "a", "f"),
    fc.constantFrom("0", "9", "a", "f"),
  )
  .map(([instant, first, last]) => `${instant}#${first}9a8b7c6-0000-4000-8000-00000000000${last}`);

const within = ({ from, to }: IndexRange<object>, key: string) => key >= from && key <= to;

describe("a range that goes on after a place", () => {
  it.each(["asc", "desc"] as const)("holds what comes after it, %s, and nothing from outside", (order) => {
    const whole: IndexRange<object> = { ...range, order };
    fc.assert(
      fc.property(place, fc.array(place), (at, keys) => {
        for (const key of keys) {
          const isBehind = order === "asc" ? key > at : key < at;
          expect(within(after(whole, at), key)).toBe(within(whole, key) && isBehind);
        }
      }),
    );
  });
});
