import type { RiskLevel } from "@success-manager/contract/vocabulary";

/** How figures are rounded: halves up, and from whole numbers, so that no half is lost to an earlier division. */

export const oneDecimal = (value: number) => Math.round(value * 10) / 10;

/** The mean of so many whole numbers, one decimal unless told otherwise; null of none. */
export function meanOf(sum: number, count: number, decimals: 1 | 2 = 1): number | null {
  const scale = 10 ** decimals;
  return count === 0 ? null : Math.round((scale * sum) / count) / scale;
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

/**
 * The parts of a whole in percent, one decimal. Thirds that are rounded each on its own add up to 99.9, so all parts
 * are rounded together, by the largest remainder: they add up to exactly 100, each is less than 0.1 away from the truth,
 * and a larger part never has less. All 0 when the whole is nothing.
 */
export const sharesOf = (parts: readonly number[]): readonly number[] =>
  apportion(parts, 1000).map((tenths) => tenths / 10);

/** A part that stands alone in percent, one decimal; 0 of nothing. Parts of one whole side by side: `sharesOf`. */
export const percentOf = (part: number, whole: number) => meanOf(100 * part, whole) ?? 0;

/** The four bands that scores, trends, distribution, alerts and clients share (decision 12). */
export function riskOf(score: number): RiskLevel {
  if (score >= 80) return "low";
  if (score >= 60) return "medium";
  return score >= 40 ? "high" : "critical";
}

const CENTS = 100;
/** By least contract value in cents, highest first. A customer without a value is a starter. */
const VALUE_SEGMENTS = [
  { least: 500_000 * CENTS, segment: "enterprise" },
  { least: 100_000 * CENTS, segment: "mid_market" },
  { least: 25_000 * CENTS, segment: "smb" },
] as const;

/** The segment of a contract value in integer cents. */
export const valueSegment = (cents: number) =>
  VALUE_SEGMENTS.find(({ least }) => cents >= least)?.segment ?? "starter";
/** Integer cents as `"1234.50"`. */
export const formatCents = (cents: number) =>
  `${Math.floor(cents / 100)}.${String(cents % 100).padStart(2, "0")}`;

/** Integer cents as an amount, as charts want it. */
export const amountOf = (cents: number) => cents / 100;
