import * as fc from "fast-check";
import { expect, test } from "vitest";
import { evenOrder } from "./definitions.ts";

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n);

test("all customers are in the order of a preview once, and each beginning of it is spread evenly", () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 3_000 }), fc.nat(), (count, cut) => {
      const order = evenOrder(numbers(count));
      expect(order.toSorted((a, b) => a - b)).toEqual(numbers(count));
      const size = 1 + (cut % count);
      const sample = order.slice(0, size).sort((a, b) => a - b);
      const gaps = sample.map((n, i) => n - (sample[i - 1] ?? 0));
      // No gap is longer than four times the even one.
      expect(Math.max(...gaps, count - (sample.at(-1) ?? 0))).toBeLessThanOrEqual((4 * count) / size + 1);
    }),
  );
  expect(evenOrder([])).toEqual([]);
});
