import type { SurveyType } from "@success-manager/contract/vocabulary";
import type { Tile } from "@success-manager/pdf/document";
import { config } from "../../config.ts";
import { sharesOf } from "../../figures.ts";
import { isolate, sanitizeLine } from "../../mail/index.ts";
import { type Period, precedingPeriod, wholeMonths } from "../period.ts";
import { byLocale, isKey, say, spoken } from "./words.ts";

/**
 * How reports print dates, figures, lists and changes: each in one way, in the language of the report. Days are those
 * of UTC, as everything is counted by them (decision 2); the time of day is that of the stage's time zone.
 */

/** Printed where a value is missing. */
export const notRecorded = (): string => say("value.not_recorded");

/** Marks of direction: of what is written in Arabic, its letters tell it, and isolates hold where they do not. */
const MARKS = /[\u200e\u200f\u061c]/g;

/** A figure with a sign, which Arabic words beside it would turn around (UAX #9, W2): isolated there. */
const figure = (text: string): string => {
  const plain = text.replace(MARKS, "").replace("-", "−");
  return spoken().direction === "rtl" ? `\u2066${plain}\u2069` : plain;
};

const dates = (options: Intl.DateTimeFormatOptions) =>
  byLocale((locale) => new Intl.DateTimeFormat(locale, { ...options, timeZone: "UTC" }));

const fullDate = dates({ day: "numeric", month: "short", year: "numeric" });
const dayAndMonth = dates({ day: "numeric", month: "short" });
const monthName = dates({ month: "short" });
const monthAndYear = dates({ month: "short", year: "numeric" });
const shortDate = dates({ day: "numeric", month: "short", year: "2-digit" });
const digitDate = dates({ day: "2-digit", month: "2-digit", year: "2-digit" });
const monthInFull = dates({ month: "long" });
const monthInFullAndYear = dates({ month: "long", year: "numeric" });
const dateAndTime = byLocale(
  (locale) =>
    new Intl.DateTimeFormat(locale, {
      ...{ day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit" },
      ...{ timeZoneName: "short", timeZone: config().SCHEDULE_TIMEZONE },
    }),
);

/** `22 Nov 2026`. @param date a day, or an instant, whose day is that of UTC */
export const formatDate = (date: string): string => fullDate().format(new Date(date)).replace(MARKS, "");

/** `22 Nov ’26`, in other languages `22.11.26`: in tables, where space is short. It stays on one line. */
export function formatShortDate(date: string): string {
  // Nobody reads an English 02/11 as one day alone.
  if (spoken().language !== "en") return digitDate().format(new Date(date)).replace(MARKS, "");
  return shortDate()
    .format(new Date(date))
    .replace(/(\d+)$/, "’$1")
    .replaceAll(" ", "\u00a0");
}

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
    return first === last ? first : say("file.period", { first, last });
  }
  const isOneYear = from.getUTCFullYear() === to.getUTCFullYear();
  if (months === 12 && isOneYear) return String(from.getUTCFullYear());
  const last = monthInFullAndYear().format(to);
  if (months === 1) return last;
  const first = (isOneYear ? monthInFull : monthInFullAndYear)().format(from);
  return say("file.period", { first, last });
}

/** What changes of a period are measured against: `vs Oct`. */
export const versusPrevious = (period: Period): string =>
  say("change.versus", { period: formatShortPeriod(precedingPeriod(period)) });

const numbers = (options: Intl.NumberFormatOptions) =>
  byLocale((locale) => new Intl.NumberFormat(locale, options));
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
const money = (options: Intl.NumberFormatOptions, localeOf = (locale: string) => locale) =>
  byLocale(
    (locale) =>
      new Intl.NumberFormat(localeOf(locale), {
        ...{ style: "currency", currency: config().CURRENCY, currencyDisplay: "narrowSymbol" },
        ...options,
      }),
  );
const amounts = money({ trailingZeroDisplay: "stripIfInteger" });
/** The one rule of abbreviation: three figures, and a decimal in any case. American, for `K`, `M` and `B`. */
const shortAmounts = money(
  {
    ...{ notation: "compact", roundingPriority: "morePrecision", trailingZeroDisplay: "stripIfInteger" },
    ...{ minimumFractionDigits: 0, maximumFractionDigits: 1, maximumSignificantDigits: 3 },
  },
  (locale) => (locale === "en-GB" ? "en-US" : locale),
);
/** For languages that have no word for thousands: German does not abbreviate less than a million. */
const wholeAmounts = money({ maximumFractionDigits: 0 });
/** In cents: $10,000, or as many of another currency. */
const ABBREVIATED_FROM = 10_000 * 100;

/** Only what has a sign or an odd character needs to be isolated. */
const withSign = (value: number, text: string) => (value < 0 ? figure(text) : text);

/** `1,234` or, with decimals, `1,234.50`: always as many decimals as are asked for. */
export const formatNumber = (value: number, decimals: Decimals = 0): string =>
  withSign(value, plainNumbers[decimals]?.().format(value) ?? "");

/** With its sign, such as a net promoter score: `+37`, `0`, `−12`. */
export const formatSigned = (value: number, decimals: Decimals = 0): string =>
  figure(signedNumbers[decimals]?.().format(value) ?? "");

/** Percent with one decimal: `12.3%`. */
export const formatPercent = (percent: number): string => figure(percentFormat().format(percent));

/** Shares of a whole, which add up to 100: `33.4%`, and `<0.1%` of a part that is there but less than that. */
export const formatShares = (parts: readonly number[]): readonly string[] =>
  sharesOf(parts).map((share, n) =>
    share === 0 && parts[n] !== 0 ? `<${formatPercent(0.1)}` : formatPercent(share),
  );

/** How many each part of a whole has, and their shares, which add up to 100: `12 (34.3%)`; `0` alone. */
export function formatCountShares(counts: readonly number[]): readonly string[] {
  const shares = formatShares(counts);
  return counts.map((count, n) => (count === 0 ? "0" : `${formatNumber(count)} (${shares[n]})`));
}

/** A currency in Latin letters, which Arabic words around it would tear apart: the sign of `US$` is no letter. */
const LATIN_CURRENCY = /[A-Za-z]+\p{Sc}?/u;

/**
 * Integer cents in the stage's currency, in every place of every report alike: `$9,500.50`, and from $10,000 on `$48.5K`, `$1.23M`,
 * `$123.5B`, in German `48.500 $`, `1,23 Mio. $`; a missing amount in words. What is exact stands in the CSV of a table.
 */
export function formatAmount(cents: number | undefined): string {
  if (cents === undefined) return notRecorded();
  const amount = cents / 100;
  const text = (Math.abs(cents) < ABBREVIATED_FROM ? amounts().format(amount) : abbreviate(amount))
    .replace(MARKS, "")
    .replace("-", "−");
  return spoken().direction === "rtl" ? text.replace(LATIN_CURRENCY, "\u2066$&\u2069") : text;
}

function abbreviate(amount: number): string {
  const parts = shortAmounts().formatToParts(amount);
  if (!parts.some(({ type }) => type === "compact")) return wholeAmounts().format(amount);
  return parts.map(({ value }) => value).join("");
}

/** Integer cents as data: `1150000.50`; empty when missing. */
export const formatExactAmount = (cents: number | undefined): string =>
  cents === undefined ? "" : (cents / 100).toFixed(2);

const allOf = byLocale((locale) => new Intl.ListFormat(locale, { type: "conjunction" }));
const anyOf = byLocale((locale) => new Intl.ListFormat(locale, { type: "disjunction" }));

/** `A, B and C`, or the first few: `A, B, C and 4 more`. */
export function formatList(items: readonly string[], limit = items.length): string {
  const more = items.length - limit;
  return allOf().format(more > 0 ? [...items.slice(0, limit), say("list.more", { count: more })] : items);
}

/** `A, B, C`: one beside the other, as in a cell of a table. */
export const formatSeries = (items: readonly string[]): string =>
  items.reduce((all, next) => (all === "" ? next : say("list.series", { all, next })), "");

/** A name that somebody typed, within a sentence: it turns nothing around it, and nothing turns it (UAX #9). */
export const formatName = (typed: string): string =>
  spoken().direction === "rtl" ? `\u2068${sanitizeLine(typed)}\u2069` : isolate(typed);

/** `A; B; C`: one clause beside the other. */
export const formatSentences = (clauses: readonly string[]): string =>
  clauses.reduce((all, next) => (all === "" ? next : say("list.sentences", { all, next })), "");

/** `A, B or C` */
export const formatChoice = (items: readonly string[]): string => anyOf().format(items);

/** A term of the vocabulary as people read it: `at_risk` is `At risk`, `contract_expiry` is `Contract expiry`. */
export function formatTerm(term: string): string {
  const key = `term.${term}`;
  return isKey(key) ? say(key) : term;
}

/** A type of survey in words. */
export const formatSurveyType = (type: SurveyType): string => say(`survey.${type}`);

/** How many days are left until an end, or how long ago it was: `12`, `today`, `ended 3 days ago`. */
export function formatDaysLeft(days: number): string {
  if (days < 0) return say("days_left.ended", { days: -days });
  return days === 0 ? say("days_left.today") : formatNumber(days);
}

/** Said instead of a change where the data begin later than what they would be compared with. */
export const noDataBefore = (date: string): string =>
  say("change.no_data_before", { date: formatDate(date) });

export interface ChangeOptions {
  /** What is compared with, in words: `vs Oct`, `since 30 Sept`. */
  readonly against: string;
  /** 0 when absent. */
  readonly decimals?: Decimals | undefined;
  /** What the number counts; nothing when absent. */
  readonly unit?: "points" | undefined;
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
  {
    against,
    decimals = 0,
    unit,
    matters = 0,
    better = "more",
    nothing = say("change.none_before"),
  }: ChangeOptions,
): Required<Pick<Tile, "note" | "tone">> {
  if (current === null || previous === null) return { note: nothing, tone: "neutral" };
  // Of the figures as printed: 2.04 and 1.96 are both 2.0, which has not changed.
  const scale = 10 ** decimals;
  const change = (Math.round(current * scale) - Math.round(previous * scale)) / scale;
  if (change === 0) return { note: say("change.unchanged", { against }).trim(), tone: "neutral" };
  const [rise, fall] = CHANGE_TONES[better];
  const tone = change > 0 ? rise : fall;
  const by = formatSigned(change, decimals);
  return {
    note: say(unit === "points" ? "change.points" : "change.moved", { by, against }).trim(),
    tone: Math.abs(change) < matters ? "neutral" : tone,
  };
}
