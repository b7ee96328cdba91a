import type { ReportType, SurveyType } from "@success-manager/contract/vocabulary";
import type { Tile } from "@success-manager/pdf/document";
import { formatDate } from "../../calendar.ts";
import { config } from "../../config.ts";
import { sharesOf } from "../../figures.ts";
import { type Period, precedingPeriod, wholeMonths } from "../period.ts";

/** How reports print dates, figures, lists and changes: each in one way, in English and in UTC. */

/** English with the day before the month: `12 Mar 2026`, which nobody reads as another day. */
const LOCALE = "en-GB";

/** Types of reports: as they are printed and mailed, and as their files are called. */
const TITLES: Readonly<Record<ReportType, { readonly title: string; readonly file: string }>> = {
  health_summary: { title: "Customer Health Summary", file: "Health summary" },
  csat_analysis: { title: "CSAT Analysis", file: "CSAT analysis" },
  customer_overview: { title: "Customer Overview", file: "Customer overview" },
  executive_summary: { title: "Executive Summary", file: "Executive summary" },
};

/** The title of a type of report, as it is printed and mailed. */
export const reportTitle = (type: ReportType): string => TITLES[type].title;

/** What the file of a report is called that nobody has given a name. */
export const fileTitle = (type: ReportType): string => TITLES[type].file;

/** Printed where a value is missing. */
export const NOT_RECORDED = "Not recorded";

/** Creates with the first use: the data of the locale take 15 ms to load, and few requests print. */
function lazy<T>(create: () => T): () => T {
  let created: T | undefined;
  return () => {
    created ??= create();
    return created;
  };
}

const dates = (options: Intl.DateTimeFormatOptions) =>
  lazy(() => new Intl.DateTimeFormat(LOCALE, { ...options, timeZone: "UTC" }));

const fullDate = dates({ day: "numeric", month: "short", year: "numeric" });
const dayAndMonth = dates({ day: "numeric", month: "short" });
const monthName = dates({ month: "short" });
const monthAndYear = dates({ month: "short", year: "numeric" });
const shortDate = dates({ day: "numeric", month: "short", year: "2-digit" });
const monthInFull = dates({ month: "long" });
const monthInFullAndYear = dates({ month: "long", year: "numeric" });
const dateAndTime = dates({
  ...{ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
  timeZoneName: "short",
});

export { formatDate };

/** `22 Nov ’26`: in tables, where space is short. It stays on one line. */
export const formatShortDate = (date: string): string =>
  shortDate()
    .format(new Date(date))
    .replace(/(\d+)$/, "’$1")
    .replaceAll(" ", "\u00a0");

/** `22 Nov`: for points of charts and for notes, where the year is known. */
export const formatDay = (date: string): string => dayAndMonth().format(new Date(date));

/** `Nov 2026`. @param date a date or a calendar month, `2026-11` */
export const formatMonth = (date: string): string => monthAndYear().format(new Date(date));

/** `22 Nov 2026, 14:05 UTC` */
export const formatInstant = (instant: Date): string => dateAndTime().format(instant);

const range = (format: () => Intl.DateTimeFormat, { date_from, date_to }: Period): string =>
  // The thin spaces around the dash become ordinary ones: not every mail program and font has them.
  format().formatRange(new Date(date_from), new Date(date_to)).replaceAll("\u2009", " ");

/** `1 – 30 Nov 2026`, `15 Oct – 13 Nov 2026`, `15 Dec 2025 – 13 Jan 2026`, `22 Nov 2026` */
export const formatPeriod = (period: Period): string => range(fullDate, period);

/** `Oct`, `Jul – Sept`, `2025`, `Dec 2025 – Jan 2026`, `15 Oct – 13 Nov`: for notes, where the year is known. */
export function formatShortPeriod(period: Period): string {
  const [from, to] = [period.date_from.slice(0, 4), period.date_to.slice(0, 4)];
  const months = wholeMonths(period);
  if (months === undefined) return range(from === to ? dayAndMonth : fullDate, period);
  if (months === 12 && from === to) return from;
  return range(from === to ? monthName : monthAndYear, period);
}

/** A period as files are named by it: `November 2026`, `July to September 2026`, `2026`, `30 Oct 2026 to 28 Nov 2026`. */
export function formatPeriodName(period: Period): string {
  const [from, to] = [new Date(period.date_from), new Date(period.date_to)];
  const months = wholeMonths(period);
  if (months === undefined) {
    const [first, last] = [formatDate(period.date_from), formatDate(period.date_to)];
    return first === last ? first : `${first} to ${last}`;
  }
  const isOneYear = from.getUTCFullYear() === to.getUTCFullYear();
  if (months === 12 && isOneYear) return String(from.getUTCFullYear());
  const last = monthInFullAndYear().format(to);
  if (months === 1) return last;
  return `${(isOneYear ? monthInFull : monthInFullAndYear)().format(from)} to ${last}`;
}

/** What changes of a period are measured against: `vs Oct`. */
export const versusPrevious = (period: Period): string => `vs ${formatShortPeriod(precedingPeriod(period))}`;

/** With the sign that is as wide as a plus. */
const minus = (text: string) => text.replace("-", "−");

const numbers = (options: Intl.NumberFormatOptions) => lazy(() => new Intl.NumberFormat(LOCALE, options));
const decimalPlaces = (count: number) => ({ minimumFractionDigits: count, maximumFractionDigits: count });

type Decimals = 0 | 1 | 2;
const plainNumbers = ([0, 1, 2] as const).map((count) =>
  numbers({ ...decimalPlaces(count), signDisplay: "negative" }),
);
const signedNumbers = ([0, 1, 2] as const).map((count) =>
  numbers({ ...decimalPlaces(count), signDisplay: "exceptZero" }),
);
const percentFormat = numbers({ style: "unit", unit: "percent", ...decimalPlaces(1) });
/** Of the stage's currency. */
const money = (locale: string, options: Intl.NumberFormatOptions) =>
  lazy(
    () =>
      new Intl.NumberFormat(locale, {
        ...{ style: "currency", currency: config().CURRENCY, currencyDisplay: "narrowSymbol" },
        ...options,
      }),
  );
const amounts = money(LOCALE, { trailingZeroDisplay: "stripIfInteger" });
/** The one rule of abbreviation: three figures, and a decimal in any case. American, for `K`, `M` and `B`. */
const shortAmounts = money("en-US", {
  ...{ notation: "compact", roundingPriority: "morePrecision", trailingZeroDisplay: "stripIfInteger" },
  ...{ minimumFractionDigits: 0, maximumFractionDigits: 1, maximumSignificantDigits: 3 },
});
/** In cents: $10,000, or as many of another currency. */
const ABBREVIATED_FROM = 10_000 * 100;

/** `1,234` or, with decimals, `1,234.50`: always as many decimals as are asked for. */
export const formatNumber = (value: number, decimals: Decimals = 0): string =>
  minus(plainNumbers[decimals]?.().format(value) ?? "");

/** With its sign, such as a net promoter score: `+37`, `0`, `−12`. */
export const formatSigned = (value: number, decimals: Decimals = 0): string =>
  minus(signedNumbers[decimals]?.().format(value) ?? "");

/** Percent with one decimal: `12.3%`. */
export const formatPercent = (percent: number): string => percentFormat().format(percent);

/** Shares of a whole, which add up to 100: `33.4%`, and `<0.1%` of a part that is there but less than that. */
export const formatShares = (parts: readonly number[]): readonly string[] =>
  sharesOf(parts).map((share, n) => (share === 0 && parts[n] !== 0 ? "<0.1%" : formatPercent(share)));

/** How many each part of a whole has, and their shares, which add up to 100: `12 (34.3%)`; `0` alone. */
export function formatCountShares(counts: readonly number[]): readonly string[] {
  const shares = formatShares(counts);
  return counts.map((count, n) => (count === 0 ? "0" : `${formatNumber(count)} (${shares[n]})`));
}

/**
 * Integer cents in the stage's currency, in every place of every report alike: `$9,500.50`, and from $10,000 on `$48.5K`, `$1.23M`,
 * `$123.5B`; a missing amount in words. What is exact stands in the CSV of a table.
 */
export function formatAmount(cents: number | undefined): string {
  if (cents === undefined) return NOT_RECORDED;
  const format = Math.abs(cents) < ABBREVIATED_FROM ? amounts : shortAmounts;
  return minus(format().format(cents / 100));
}

/** Integer cents as data: `1150000.50`; empty when missing. */
export const formatExactAmount = (cents: number | undefined): string =>
  cents === undefined ? "" : (cents / 100).toFixed(2);

/** `1 customer`, `1,234 customers`. @param many when it is not made with an s */
export const formatCount = (count: number, one: string, many = `${one}s`): string =>
  `${formatNumber(count)} ${count === 1 ? one : many}`;

const allOf = lazy(() => new Intl.ListFormat(LOCALE, { type: "conjunction" }));
const anyOf = lazy(() => new Intl.ListFormat(LOCALE, { type: "disjunction" }));

/** `A, B and C`, or the first few: `A, B, C and 4 more`. */
export function formatList(items: readonly string[], limit = items.length): string {
  const more = items.length - limit;
  return allOf().format(more > 0 ? [...items.slice(0, limit), `${formatNumber(more)} more`] : items);
}

/** `A, B or C` */
export const formatChoice = (items: readonly string[]): string => anyOf().format(items);

const TERMS: Readonly<Record<string, string>> = { nps: "NPS", low_csat: "Low CSAT" };

/** A term of the vocabulary as people read it: `at_risk` is `At risk`, `contract_expiry` is `Contract expiry`. */
export const formatTerm = (term: string): string =>
  TERMS[term] ?? `${term.charAt(0).toUpperCase()}${term.slice(1).replaceAll("_", " ")}`;

const SURVEY_TYPES: Readonly<Record<SurveyType, string>> = {
  post_ticket: "After a ticket",
  quarterly: "Quarterly",
  onboarding: "Onboarding",
  nps: "NPS",
  general_feedback: "General feedback",
  product_feedback: "Product feedback",
};

/** A type of survey in words. */
export const formatSurveyType = (type: SurveyType): string => SURVEY_TYPES[type];

/** How many days are left until an end, or how long ago it was: `12`, `today`, `ended 3 days ago`. */
export function formatDaysLeft(days: number): string {
  if (days < 0) return `ended ${formatCount(-days, "day")} ago`;
  return days === 0 ? "today" : formatNumber(days);
}

/** Said instead of a change where the data begin later than what they would be compared with. */
export const noDataBefore = (date: string): string => `no data before ${formatDate(date)}`;

export interface ChangeOptions {
  /** What is compared with, in words: `vs Oct`, `since 30 Sept`. */
  readonly against: string;
  /** 0 when absent. */
  readonly decimals?: Decimals | undefined;
  /** Behind the number: ` points`. */
  readonly unit?: string | undefined;
  /** From how much on a change is good or bad news; less is said without a color. Any when absent. */
  readonly matters?: number | undefined;
  /** Which direction is good news. `more` when absent. */
  readonly better?: "more" | "less" | "neither" | undefined;
  /** Printed when there is nothing to compare with: `no answers before`. */
  readonly nothing?: string | undefined;
}

const CHANGE_TONES = {
  more: ["good", "bad"],
  less: ["bad", "good"],
  neither: ["neutral", "neutral"],
} as const;

/**
 * How a figure has changed, as the note of a tile: `+2.1 vs Oct`, `unchanged vs 15 – 21 Oct`, or, in words, that
 * there was nothing before.
 */
export function formatChange(
  current: number | null,
  previous: number | null,
  { against, decimals = 0, unit = "", matters = 0, better = "more", nothing = "none before" }: ChangeOptions,
): Required<Pick<Tile, "note" | "tone">> {
  if (current === null || previous === null) return { note: nothing, tone: "neutral" };
  // Of the figures as printed: 2.04 and 1.96 are both 2.0, which has not changed.
  const scale = 10 ** decimals;
  const change = (Math.round(current * scale) - Math.round(previous * scale)) / scale;
  if (change === 0) return { note: `unchanged ${against}`, tone: "neutral" };
  const [rise, fall] = CHANGE_TONES[better];
  const tone = change > 0 ? rise : fall;
  return {
    note: `${formatSigned(change, decimals)}${unit} ${against}`,
    tone: Math.abs(change) < matters ? "neutral" : tone,
  };
}
