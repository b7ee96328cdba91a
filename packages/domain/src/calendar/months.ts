import { dateOf } from "./days.ts";

/** The month of a date: `2026-01`. */
export const calendarMonth = (date: string) => date.slice(0, 7);

const monthsAfter = (month: string, count: number) => {
  const [year = 0, number = 1] = month.split("-").map(Number);
  return calendarMonth(dateOf(new Date(Date.UTC(year, number - 1 + count, 1))));
};

/** The calendar months around another. */
export const monthBefore = (month: string) => monthsAfter(month, -1);
export const monthAfter = (month: string) => monthsAfter(month, 1);
