import { isPlottable } from "./scale.ts";

/** Narrower than this, in points, a part could be taken for a flaw of the paper. */
const MIN_PART_WIDTH = 2.5;

const toAmount = (value: number) => (isPlottable(value) ? Math.max(0, value) : 0);

/**
 * Widths of the parts of a bar, in points, that add up to `width`: in proportion, but each part of more than 0 wide
 * enough to be seen, which the wider ones make space for. All 0 when the parts are.
 */
export function partWidths(values: readonly number[], width: number): readonly number[] {
  const amounts = values.map(toAmount);
  const visibleParts = amounts.filter((amount) => amount > 0).length;
  const minWidth = visibleParts === 0 ? 0 : Math.min(MIN_PART_WIDTH, width / visibleParts);
  let narrow = new Set<number>();
  for (;;) {
    const remaining = width - narrow.size * minWidth;
    const total = amounts.reduce((sum, amount, index) => sum + (narrow.has(index) ? 0 : amount), 0);
    const widths = amounts.map((amount, index) =>
      narrow.has(index) ? minWidth : total > 0 ? (amount / total) * remaining : 0,
    );
    const widened = new Set(
      widths.flatMap((own, index) => ((amounts[index] ?? 0) > 0 && own <= minWidth ? [index] : [])),
    );
    if (widened.size === narrow.size) return widths;
    narrow = widened;
  }
}

const wholePercent = new Intl.NumberFormat("en-US", { style: "percent" });
const tenthsOfPercent = new Intl.NumberFormat("en-US", {
  style: "percent",
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});

/**
 * Percentages of the parts as printed. They add up to exactly 100 by the largest remainder method: whole ones, or
 * with one decimal when a part of more than 0 would be printed as 0. What is less than that is `<0.1%`.
 */
export function formatPercentages(values: readonly number[]): readonly string[] {
  const amounts = values.map(toAmount);
  const whole = apportion(amounts, 100);
  if (whole.every((percent, index) => percent > 0 || amounts[index] === 0)) {
    return whole.map((percent) => wholePercent.format(percent / 100));
  }
  return apportion(amounts, 1000).map((tenths, index) =>
    tenths === 0 && (amounts[index] ?? 0) > 0 ? "<0.1%" : tenthsOfPercent.format(tenths / 1000),
  );
}

/** Whole numbers in proportion to the amounts that add up to `total`; all 0 when the amounts are. */
function apportion(amounts: readonly number[], total: number): readonly number[] {
  const sum = amounts.reduce((all, amount) => all + amount, 0);
  if (sum === 0) return amounts.map(() => 0);
  const exact = amounts.map((amount) => (amount / sum) * total);
  const missing = total - exact.reduce((all, share) => all + Math.floor(share), 0);
  const remainder = (index: number) => (exact[index] ?? 0) % 1;
  const byRemainder = exact.map((_, index) => index).sort((a, b) => remainder(b) - remainder(a));
  const roundedUp = new Set(byRemainder.slice(0, Math.max(0, missing)));
  return exact.map((share, index) => Math.floor(share) + (roundedUp.has(index) ? 1 : 0));
}
