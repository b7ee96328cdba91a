import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { ReportFrequency, ReportType } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter, daysBetween, formatDate } from "../calendar.ts";

/** Days, both included, as `YYYY-MM-DD` in UTC. */
export interface Period {
  readonly date_from: string;
  readonly date_to: string;
}

/** What somebody gets who names no days. */
const DEFAULT_DAYS = 30;

/** The days of a report that a person asks for: as the filters say, else the last 30 with today. */
export function periodOf({ date_from, date_to }: ReportFilters, now: Date): Period {
  const today = dateOf(now);
  const to = date_to ?? (date_from !== undefined && date_from > today ? date_from : today);
  return { date_from: date_from ?? daysAfter(to, 1 - DEFAULT_DAYS), date_to: to };
}

const firstOfMonth = (year: number, month: number) => dateOf(new Date(Date.UTC(year, month, 1)));

/** How many months a period has that is made of calendar months. */
const MONTHS = { monthly: 1, quarterly: 3 } as const;

/**
 * The days of a report that is due: as the filters say, else the whole day, the seven days, the calendar month or the
 * calendar quarter that ended last.
 *
 * @param due the instant for which it was scheduled
 */
export function periodBefore(frequency: ReportFrequency, filters: ReportFilters, due: Date): Period {
  if (filters.date_from !== undefined || filters.date_to !== undefined) return periodOf(filters, due);
  const yesterday = daysAfter(dateOf(due), -1);
  if (frequency === "daily") return { date_from: yesterday, date_to: yesterday };
  if (frequency === "weekly") return { date_from: daysAfter(yesterday, -6), date_to: yesterday };
  const months = MONTHS[frequency];
  const [year, month] = [due.getUTCFullYear(), due.getUTCMonth()];
  const next = month - (month % months);
  return {
    date_from: firstOfMonth(year, next - months),
    date_to: daysAfter(firstOfMonth(year, next), -1),
  };
}

/** How many calendar months a period is made of; undefined when it begins or ends within one. */
export function wholeMonths({ date_from, date_to }: Period): number | undefined {
  const [from, next] = [new Date(date_from), new Date(daysAfter(date_to, 1))];
  if (from.getUTCDate() !== 1 || next.getUTCDate() !== 1) return undefined;
  return 12 * (next.getUTCFullYear() - from.getUTCFullYear()) + next.getUTCMonth() - from.getUTCMonth();
}

/** The period of the same length right before, in calendar months or in days: what changes are measured against. */
export function precedingPeriod(period: Period): Period {
  const { date_from, date_to } = period;
  const last = daysAfter(date_from, -1);
  const months = wholeMonths(period);
  if (months === undefined)
    return { date_from: daysAfter(last, -daysBetween(date_from, date_to)), date_to: last };
  const first = new Date(date_from);
  return { date_from: firstOfMonth(first.getUTCFullYear(), first.getUTCMonth() - months), date_to: last };
}

/** Types of reports as the API calls them; what is printed and mailed stands in the catalogue. */
const TITLES: Readonly<Record<ReportType, string>> = {
  health_summary: "Customer Health Summary",
  csat_analysis: "CSAT Analysis",
  customer_overview: "Customer Overview",
  executive_summary: "Executive Summary",
  score_backtest: "Can You Trust This Score?",
};

/** The name of a report that nobody has given one. */
export const reportTitle = (type: ReportType): string => TITLES[type];

/** A period as files are named by it, by functions without the catalogue; see `formatPeriodName`. */
export function englishPeriod(period: Period): string {
  const [from, to] = [new Date(period.date_from), new Date(period.date_to)];
  const months = wholeMonths(period);
  if (months === undefined) {
    const [first, last] = [formatDate(period.date_from), formatDate(period.date_to)];
    return first === last ? first : `${first} to ${last}`;
  }
  const [first, last] = [from, to].map((date) =>
    new Intl.DateTimeFormat("en-GB", { month: "long", timeZone: "UTC" }).format(date),
  );
  const [year, lastYear] = [from.getUTCFullYear(), to.getUTCFullYear()];
  if (months === 12 && year === lastYear) return String(year);
  if (months === 1) return `${last} ${lastYear}`;
  return `${first}${year === lastYear ? "" : ` ${year}`} to ${last} ${lastYear}`;
}
