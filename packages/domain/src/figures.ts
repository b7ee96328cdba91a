import type { RiskLevel } from "@success-manager/contract/vocabulary";

/** How figures are rounded: halves up, and from whole numbers, so that no half is lost to an earlier division. */

export const oneDecimal = (value: number) => Math.round(value * 10) / 10;

/** The mean of so many whole numbers, one decimal unless told otherwise; null of none. */
export function meanOf(sum: number, count: number, decimals: 1 | 2 = 1): number | null {
  const scale = 10 ** decimals;
  return count === 0 ? null : Math.round((scale * sum) / count) / scale;
}

/** A part in percent, one decimal; 0 of nothing. */
export const percentOf = (part: number, whole: number) => meanOf(100 * part, whole) ?? 0;

/** The four bands that scores, trends, distribution, alerts and clients share (decision 12). */
export function riskOf(score: number): RiskLevel {
  if (score >= 80) return "low";
  if (score >= 60) return "medium";
  return score >= 40 ? "high" : "critical";
}

/** Integer cents as an amount, as charts want it. */
export const amountOf = (cents: number) => cents / 100;
