import "./fixture/english.ts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { renderedTexts } from "../../../../pdf/src/testing/rendered-text.ts";
import { customer, portfolioOf, TODAY } from "../../portfolio/fixture/rows.ts";
import { atRiskSection } from "./at-risk.ts";
import { ACCOUNT_MANAGER, CONTRACT_VALUE, CUSTOMER, HEALTH, KEY_CONCERNS } from "./blocks.ts";
import { formatAmount } from "./format.ts";
import { portfolioProfileSection } from "./profile.ts";
import { renewalsSection } from "./renewals.ts";

const UNITS: Readonly<Record<string, number>> = { K: 1e3, M: 1e6, B: 1e9, T: 1e12 };

/** Dollars, as a reader takes them. */
function readAmount(text: string): number {
  const [, minus, digits = "", unit = ""] = /^(−?)\$([\d,]+(?:\.\d+)?)([KMBT]?)$/.exec(text) ?? [];
  return Number(digits.replaceAll(",", "")) * (UNITS[unit] ?? 1) * (minus ? -1 : 1);
}

const cents = fc.oneof(
  fc.nat(10 ** 13),
  fc.nat(10 ** 10),
  fc.nat(10 ** 6),
  fc.constantFrom(
    0,
    1,
    99,
    100,
    99_999_999,
    100_000_000,
    123_456_789,
    99_995_000_000,
    99_999_999_999,
    10 ** 13,
  ),
);

describe("an amount", () => {
  it.each([
    [123_456_789, "$1.23M"],
    [2_890_000_000, "$28.9M"],
    [12_345_678_900, "$123.5M"],
    [99_999_999_999, "$1B"],
    [10 ** 13, "$100B"],
    [99_999_999, "$1M"],
    [90_000_000, "$900K"],
    [4_850_000, "$48.5K"],
    [1_000_000, "$10K"],
    [999_999, "$9,999.99"],
    [950_050, "$9,500.50"],
    [950_000, "$9,500"],
    [0, "$0"],
    [-123_456_789, "−$1.23M"],
    [-50, "−$0.50"],
    [undefined, "Not recorded"],
  ])("of %j cents is %s", (value, expected) => {
    expect(formatAmount(value)).toBe(expected);
  });

  it("is read as what it is, to half a percent", () => {
    fc.assert(
      fc.property(cents, fc.boolean(), (most, isNegative) => {
        const value = isNegative ? -most : most;
        const short = formatAmount(value);
        expect(Math.abs(readAmount(short) - value / 100)).toBeLessThanOrEqual(most / 100 / 200);
        expect(short.length).toBeLessThanOrEqual(12);
      }),
      { numRuns: 2000 },
    );
  });
});

const request = {
  filters: {},
  period: { date_from: TODAY, date_to: TODAY },
  now: new Date(`${TODAY}T12:00:00Z`),
};

describe("printed amounts", () => {
  it("are whole in tiles, tables, bars and sentences", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(cents, { minLength: 1, maxLength: 10 }), async (amounts) => {
        const rows = amounts.map((value, n) =>
          customer(`c${n}`, { cents: value, ends: n * 5, status: "at_risk", score: n * 5, age: n }),
        );
        const total = amounts.reduce((sum, value) => sum + value, 0);
        const columns = [CUSTOMER, CONTRACT_VALUE, HEALTH, KEY_CONCERNS, ACCOUNT_MANAGER];
        const sections = [
          renewalsSection(rows, request, { summary: "totals", limit: 40 }),
          renewalsSection(rows, request, { summary: "byMonth", limit: 15 }),
          portfolioProfileSection(portfolioOf(rows), request),
          atRiskSection(rows, request, { order: "value", columns, limit: 10 }),
        ];
        const texts = await renderedTexts(
          ...sections.map(({ about = "", blocks }) => [{ kind: "text", text: about } as const, ...blocks]),
        );
        expect(texts).toHaveLength(sections.length);
        for (const text of texts) expect(text).not.toMatch(/[\d,.$]…/);
        const [totals = "", months = "", profile = "", risk = ""] = texts;
        expect(profile).toContain(`Contract value ${formatAmount(total)} `);
        expect(totals).toContain(`Their value ${formatAmount(total)} `);
        const inJune = amounts.filter((_, n) => n * 5 <= 15);
        const june = inJune.reduce((sum, value) => sum + value, 0);
        expect(months).toContain(`Jun 2026 ${formatAmount(june)} (${inJune.length})`);
        for (const text of [totals, months])
          expect(text.replaceAll(" ", "")).toContain(`worth${formatAmount(total)},`);
        for (const text of [totals, months, risk])
          for (const value of amounts) expect(text).toContain(` ${formatAmount(value)} `);
      }),
      { numRuns: 12 },
    );
  });
});
