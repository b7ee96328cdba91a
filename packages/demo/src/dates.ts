import { DAY_MS, dateOf } from "@success-manager/domain/calendar";

/** What the demo counts as a month. */
export const MONTH_DAYS = 30;

const HOUR_MS = 60 * 60 * 1000;

/** The first instant of a day in UTC: all demo data lies before it. */
export const startOfDay = (now: Date) => new Date(`${dateOf(now)}T00:00:00.000Z`);

export const daysAfter = (day: Date, days: number) => new Date(day.getTime() + days * DAY_MS);
export const hoursAfter = (instant: Date, hours: number) => new Date(instant.getTime() + hours * HOUR_MS);

/** The same day of an earlier month, or its last day when the month is shorter. */
export function monthsBefore(day: Date, months: number): Date {
  const first = new Date(Date.UTC(day.getUTCFullYear(), day.getUTCMonth() - months, 1));
  const last = new Date(Date.UTC(first.getUTCFullYear(), first.getUTCMonth() + 1, 0)).getUTCDate();
  return new Date(first.setUTCDate(Math.min(day.getUTCDate(), last)));
}

/** The day itself, or the Friday before a weekend. */
export function workday(day: Date): Date {
  const weekday = day.getUTCDay();
  if (weekday === 6) return daysAfter(day, -1);
  return weekday === 0 ? daysAfter(day, -2) : day;
}
