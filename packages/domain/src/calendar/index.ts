export { DAY_MS, dateOf, daysAfter, daysBetween } from "./days.ts";
export { calendarMonth, monthBefore } from "./months.ts";
export { periodsBetween } from "./periods.ts";
export { isoWeek } from "./weeks.ts";
