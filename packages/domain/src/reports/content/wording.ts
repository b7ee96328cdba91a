import type { Cell, Tile } from "@success-manager/pdf/document";
import { type Period, precedingPeriod as periodBefore, wholeMonths } from "../period.ts";

/** How reports write days, figures and changes. UTC, English, the same everywhere. */

const MONTHS = "January February March April May June July August September October November December".split(
  " ",
);

/** Takes apart `2026-11-22`. */
function partsOf(date: string) {
  const [year = "", month = "", day = ""] = date.split("-");
  return { year, month: MONTHS[Number(month) - 1] ?? month, day: String(Number(day)) };
}

const RANGE = { long: (month: string) => month, short: (month: string) => month.slice(0, 3) } as const;

/** `22 November 2026` */
export function dayText(date: string): string {
  const { year, month, day } = partsOf(date);
  return `${day} ${month} ${year}`;
}

/** `22 Nov 2026`: for tables. */
export function dateText(date: string): string {
  const { year, month, day } = partsOf(date);
  return `${day} ${RANGE.short(month)} ${year}`;
}

/** `22 Nov` */
export function shortDayText(date: string): string {
  const { month, day } = partsOf(date);
  return `${day} ${RANGE.short(month)}`;
}

/** `Nov 2026`, of a date or a calendar month. */
export function monthText(date: string): string {
  const { year, month } = partsOf(date);
  return `${RANGE.short(month)} ${year}`;
}

/** Two days as one range, without what both have in common; years where there are two, or where `year` asks for one. */
function rangeText({ date_from, date_to }: Period, form: keyof typeof RANGE, year: boolean): string {
  const [from, to] = [partsOf(date_from), partsOf(date_to)];
  const named = ({ day, month }: typeof from) => `${day} ${RANGE[form](month)}`;
  const end = year || from.year !== to.year ? `${named(to)} ${to.year}` : named(to);
  if (date_from === date_to) return end;
  if (from.year !== to.year) return `${named(from)} ${from.year} – ${end}`;
  return from.month === to.month ? `${from.day}–${end}` : `${named(from)} – ${end}`;
}

/** `1–30 November 2026`, `15 October – 13 November 2026`, `15 December 2025 – 13 January 2026`, `22 November 2026` */
export const periodText = (period: Period): string => rangeText(period, "long", true);

/** `Oct`, `Jul–Sep`, `2025`, `Dec 2025 – Jan 2026`, `15 Oct – 13 Nov`: for notes, where the year is known. */
export function shortPeriodText(period: Period): string {
  const months = wholeMonths(period);
  if (months === undefined) return rangeText(period, "short", false);
  const [from, to] = [partsOf(period.date_from), partsOf(period.date_to)];
  const [first, last] = [RANGE.short(from.month), RANGE.short(to.month)];
  if (from.year !== to.year) return `${first} ${from.year} – ${last} ${to.year}`;
  if (months === 12) return from.year;
  return from.month === to.month ? first : `${first}–${last}`;
}

/** `22 November 2026, 14:05 UTC` */
export function instantText(instant: Date): string {
  const iso = instant.toISOString();
  return `${dayText(iso.slice(0, 10))}, ${iso.slice(11, 16)} UTC`;
}

const formats = new Map<number, Intl.NumberFormat>();

/** `1,234` or, with decimals, `1,234.50`; the same number of decimals always. */
export function numberText(value: number, decimals = 0): string {
  const known = formats.get(decimals);
  const format =
    known ??
    new Intl.NumberFormat("en-US", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
  if (!known) formats.set(decimals, format);
  return format.format(value).replace("-", "−");
}

/** A whole figure with its sign, such as a net promoter score: `+37`, `0`, `−12`. */
export const signedText = (value: number, decimals = 0): string => {
  const text = numberText(value, decimals);
  return value > 0 && /[1-9]/.test(text) ? `+${text}` : text;
};

/** Percent with one decimal: `12.3%`. */
export const percentText = (percent: number): string => `${numberText(percent, 1)}%`;

/** Integer cents as dollars: `$1,234,500`, and `$1,234.50` where there are cents. */
export const moneyText = (cents: number): string => `$${numberText(cents / 100, cents % 100 === 0 ? 0 : 2)}`;

/** `1 customer`, `1,234 customers`; `people` for others than those with an s. */
export const countText = (count: number, one: string, many = `${one}s`): string =>
  `${numberText(count)} ${count === 1 ? one : many}`;

/** What reads from left to right whatever stands beside it. */
const LEFT_TO_RIGHT = /^[\u0020-\u024f]*$/;
/** Characters that turn the direction of what follows. */
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** A name within a sentence: fenced in, so that an Arabic or a Hebrew one does not turn the sentence around (UAX #9). */
export const nameInText = (name: string): string =>
  LEFT_TO_RIGHT.test(name) ? name : `\u2068${name.replace(TURNING, "")}\u2069`;

/** `A, B, C and 4 more`: the first few of so many names. */
export function namesText(names: readonly string[], total = names.length, most = 3): string {
  const shown = names.slice(0, most);
  if (total > shown.length) return `${shown.join(", ")} and ${numberText(total - shown.length)} more`;
  return shown.length < 2 ? shown.join("") : `${shown.slice(0, -1).join(", ")} and ${shown.at(-1)}`;
}

const TERMS: Readonly<Record<string, string>> = { nps: "NPS", low_csat: "Low CSAT" };

/** A word of the vocabulary as people read it: `at_risk` is `At risk`, `contract_expiry` is `Contract expiry`. */
export const termText = (term: string): string =>
  TERMS[term] ?? `${term.charAt(0).toUpperCase()}${term.slice(1).replaceAll("_", " ")}`;

/** What a change means: more of it is good, bad, or neither. */
type Better = "more" | "less" | "neither";

interface Change {
  /** What is compared with, in words: `vs Oct`, `since 30 Sep`. */
  readonly against: string;
  /** 0 when absent. */
  readonly decimals?: number | undefined;
  /** Behind the number: ` points`, `%`. */
  readonly unit?: string | undefined;
  readonly better?: Better | undefined;
  /** Said when there is nothing to compare with: `no answers before`. */
  readonly nothing?: string | undefined;
}

const TONES = { more: ["good", "bad"], less: ["bad", "good"], neither: ["neutral", "neutral"] } as const;

/**
 * How a figure has changed, as the note of a tile: `+2.1 vs Oct`, `unchanged vs 15–21 Oct`, or, in words, that
 * there was nothing before.
 */
export function changeText(
  now: number | null,
  before: number | null,
  { against, decimals = 0, unit = "", better = "more", nothing = "nothing before" }: Change,
): Required<Pick<Tile, "note" | "tone">> {
  if (now === null || before === null) return { note: nothing, tone: "neutral" };
  // Of what is shown: 2.04 and 1.96 are both 2.0, which has not changed.
  const scale = 10 ** decimals;
  const change = (Math.round(now * scale) - Math.round(before * scale)) / scale;
  if (change === 0) return { note: `unchanged ${against}`, tone: "neutral" };
  const [rise, fall] = TONES[better];
  return { note: `${signedText(change, decimals)}${unit} ${against}`, tone: change > 0 ? rise : fall };
}

/** What changes of a period are measured against: `vs Oct`. */
export const againstText = (period: Period): string => `vs ${shortPeriodText(periodBefore(period))}`;

/** A change in a table, whose heading says what is compared with. */
export function changeCell(
  now: number | null,
  before: number | null,
  change: Omit<Change, "against"> = {},
): Cell {
  const { note, tone } = changeText(now, before, { ...change, against: "" });
  return tone === "neutral" ? note.trim() : { text: note.trim(), tone };
}
