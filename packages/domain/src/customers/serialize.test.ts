import { amount, decimal } from "@success-manager/contract/values";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatCents } from "../figures.ts";
import { nameKey } from "../table/index.ts";

/** 9 999 999 999 999.99, the largest amount. */
const MOST_CENTS = 999_999_999_999_999;

describe("an amount", () => {
  it.each([
    [0, "0.00"],
    [1, "0.01"],
    [10, "0.10"],
    [99, "0.99"],
    [100, "1.00"],
    [123450, "1234.50"],
    [MOST_CENTS, "9999999999999.99"],
  ])("of %i cents reads %s", (cents, expected) => {
    expect(formatCents(cents)).toBe(expected);
  });

  it("is the same after being shown and sent again", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: MOST_CENTS }), (cents) => {
        const shown = decimal.parse(formatCents(cents));
        expect(amount.parse(shown)).toBe(cents);
        expect(amount.parse(Number(shown))).toBe(cents);
      }),
    );
  });
});

describe("a company name", () => {
  it.each([
    ["Acme Corp", "ACME CORP"],
    ["Acme Corp", "  acme corp "],
    ["Acme Corp", "Acme  \t Corp"],
    ["Café Zürich", "CAFE\u0301 ZU\u0308RICH"],
    ["ABC", "ＡＢＣ"],
  ])("%j is the same as %j", (one, other) => {
    expect(nameKey(other)).toBe(nameKey(one));
  });

  it("is another with other letters", () => {
    expect(nameKey("Acme")).not.toBe(nameKey("Acme 2"));
  });

  it("does not change when its key is taken as a name", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), (name) => {
        expect(nameKey(nameKey(name))).toBe(nameKey(name));
      }),
    );
  });
});
