import { unprocessable } from "@success-manager/contract/problem";
import type { Severity } from "@success-manager/contract/vocabulary";
import { dateOf, daysBetween } from "../../calendar.ts";

/** Up to how many days before an end it is how severe, the nearest first; what has ended is as severe as that. */
export type Scale = readonly (readonly [number, Severity])[];

/**
 * Whole days from today to a date; negative when it has passed.
 * @throws 422 when what is stored is no date
 */
export function daysUntil(date: string, field: string, now: Date): number {
  const days = daysBetween(dateOf(now), date);
  if (Number.isNaN(days)) throw unprocessable(field, "must be a date");
  return days;
}

/** How severe it is that something ends in so many days; undefined while that is far off. */
export const severityOf = (daysLeft: number, scale: Scale): Severity | undefined =>
  scale.find(([most]) => daysLeft <= most)?.[1];
