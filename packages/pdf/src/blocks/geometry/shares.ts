import { isFigure } from "./figure.ts";

/** Narrower than this, in points, a part could be taken for a flaw of the paper. */
const NARROWEST = 2.5;

const amountOf = (value: number) => (isFigure(value) ? Math.max(0, value) : 0);

/**
 * Widths of the parts of a bar, in points, that add up to `width`: in proportion, but each part of more than 0
 * wide enough to be seen, which the wider ones make room for. All 0 when the parts are.
 */
export function widthsOf(values: readonly number[], width: number): readonly number[] {
  const amounts = values.map(amountOf);
  const parts = amounts.filter((amount) => amount > 0).length;
  const least = parts === 0 ? 0 : Math.min(NARROWEST, width / parts);
  let narrow = new Set<number>();
  for (;;) {
    const left = width - narrow.size * least;
    const total = amounts.reduce((sum, amount, index) => sum + (narrow.has(index) ? 0 : amount), 0);
    const widths = amounts.map((amount, index) =>
      narrow.has(index) ? least : total > 0 ? (amount / total) * left : 0,
    );
    const widened = new Set(
      widths.flatMap((own, index) => ((amounts[index] ?? 0) > 0 && own <= least ? [index] : [])),
    );
    if (widened.size === narrow.size) return widths;
    narrow = widened;
  }
}

/**
 * Percentages of the parts as shown. They add up to exactly 100 by the method of the largest remainder: whole
 * ones, or with one decimal when a part of more than 0 would be shown as 0. What is less than that is `<0.1%`.
 */
export function percentagesOf(values: readonly number[]): readonly string[] {
  const amounts = values.map(amountOf);
  const whole = apportioned(amounts, 100);
  if (whole.every((share, index) => share > 0 || amounts[index] === 0)) {
    return whole.map((share) => `${share}%`);
  }
  return apportioned(amounts, 1000).map((tenths, index) =>
    tenths === 0 && (amounts[index] ?? 0) > 0 ? "<0.1%" : `${(tenths / 10).toFixed(1)}%`,
  );
}

/** Whole numbers in proportion to the amounts that add up to `total`; all 0 when the amounts are. */
function apportioned(amounts: readonly number[], total: number): readonly number[] {
  const sum = amounts.reduce((all, amount) => all + amount, 0);
  if (sum === 0) return amounts.map(() => 0);
  const exact = amounts.map((amount) => (amount / sum) * total);
  const missing = total - exact.reduce((all, share) => all + Math.floor(share), 0);
  const remainder = (index: number) => (exact[index] ?? 0) % 1;
  const luckiest = exact
    .map((_, index) => index)
    .sort((a, b) => remainder(b) - remainder(a))
    .slice(0, Math.max(0, missing));
  const lucky = new Set(luckiest);
  return exact.map((share, index) => Math.floor(share) + (lucky.has(index) ? 1 : 0));
}
