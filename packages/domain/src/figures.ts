/** How figures are rounded: halves up, and from whole numbers, so that no half is lost to an earlier division. */

export const oneDecimal = (value: number) => Math.round(value * 10) / 10;

/** The mean of so many whole numbers, one decimal unless told otherwise; null of none. */
export function meanOf(sum: number, count: number, decimals: 1 | 2 = 1): number | null {
  const scale = 10 ** decimals;
  return count === 0 ? null : Math.round((scale * sum) / count) / scale;
}

/** The parts of a whole in percent, one decimal, rounded together so that they add up to 100. */
export { sharesOf } from "@success-manager/pdf/shares";

/** A part that stands alone in percent, one decimal; 0 of nothing. Parts of one whole side by side: `sharesOf`. */
export const percentOf = (part: number, whole: number) => meanOf(100 * part, whole) ?? 0;

/** Integer cents as an amount, as charts want it. */
export const amountOf = (cents: number) => cents / 100;
