/**
 * Parts of a whole in percent. Rounded each on its own, thirds add up to 99.9; so all parts of a whole are rounded
 * together, here and nowhere else.
 */

/** Beyond this, neighboring numbers can't be told apart; none of ours come near. */
const MAX_AMOUNT = 1e15;

/** Less than nothing, and what is no number, is no part of a whole. */
export const toAmount = (value: number): number =>
  Number.isFinite(value) && value <= MAX_AMOUNT ? Math.max(0, value) : 0;

/**
 * The percentages of the parts of a whole, with one decimal, which add up to exactly 100 by the largest remainder
 * method: each is less than 0.1 away from the truth, and a larger part never has less. All 0 when the whole is nothing.
 */
export const sharesOf = (values: readonly number[]): readonly number[] =>
  apportion(values.map(toAmount), 1000).map((tenths) => tenths / 10);

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

/** The same as printed: `33.4%`, and `<0.1%` of a part that is there but less than that. */
export const formatShares = (values: readonly number[]): readonly string[] =>
  sharesOf(values).map((percent, index) =>
    percent === 0 && toAmount(values[index] ?? 0) > 0 ? "<0.1%" : `${percent.toFixed(1)}%`,
  );
