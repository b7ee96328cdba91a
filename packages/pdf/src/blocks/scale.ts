import { scaleLinear } from "d3-scale";

/** Beyond this, a scale can't tell neighboring numbers apart; none of ours come near. */
const MAX_PLOTTABLE = 1e15;

/** Whether a number can be drawn: neither absent, nor infinite, nor beyond what scales can tell apart. */
export const isPlottable = (value: number | null | undefined): value is number =>
  typeof value === "number" && Number.isFinite(value) && Math.abs(value) <= MAX_PLOTTABLE;

/** What numbers are written with. */
interface NumberStyle {
  /** For `Intl`; American English when absent. */
  readonly locale?: string | undefined;
  /** How many, at most 20; two when absent, or more where the number is small, for which two would say too little. */
  readonly decimals?: number | undefined;
}

const formats = new Map<string, Intl.NumberFormat>();

/** Marks of direction, which a figure on its own does not need. */
const MARKS = /[\u200e\u200f\u061c]/g;

/** A number as it is printed: `1,234.57`, `−3`, never `-0`; the minus is as wide as a plus. */
export function formatNumber(value: number, { locale = "en-US", decimals }: NumberStyle = {}): string {
  const key = `${locale} ${decimals}`;
  const format = formats.get(key) ?? createFormat(locale, decimals);
  formats.set(key, format);
  return format.format(value).replace(MARKS, "").replace("-", "−");
}

const createFormat = (locale: string, decimals: number | undefined) =>
  new Intl.NumberFormat(locale, {
    ...(decimals === undefined
      ? ({
          ...{ maximumFractionDigits: 2, maximumSignificantDigits: 2 },
          roundingPriority: "morePrecision",
        } as const)
      : { minimumFractionDigits: decimals, maximumFractionDigits: decimals }),
    signDisplay: "negative",
  });

/** A vertical axis: the values at its ends, and where it has grid lines. */
export interface ValueAxis {
  readonly min: number;
  readonly max: number;
  readonly ticks: readonly { readonly value: number; readonly text: string }[];
}

/** About as many grid lines as tell a value without crowding the page. */
const TICK_COUNT = 5;

/** Numbers closer together than this share of their size are taken as equal. */
const EQUAL_WITHIN = 1e-9;

/**
 * The axis for `values`. Its ends are those of `range`, moved outwards where a value lies beyond them, or round numbers
 * around the values when there is no range. Never empty: equal values get some space around them, but none below 0
 * unless they are.
 */
export function valueAxis(
  values: readonly number[],
  range: readonly number[] = [],
  locale?: string,
): ValueAxis {
  const ends = range.filter(isPlottable);
  const [low, high] = widened(...extent([...ends, ...values.filter(isPlottable)]));
  const scale = scaleLinear().domain([low, high]);
  // Between counts there is nothing to mark.
  const isCounts = values.every(Number.isInteger);
  const count = isCounts ? Math.max(1, Math.min(TICK_COUNT, Math.floor(high - low))) : TICK_COUNT;
  if (ends.length < 2) scale.nice(count);
  const [min = low, max = high] = scale.domain();
  const ticks = scale.ticks(count);
  const decimals = Math.max(0, ...ticks.map(decimalsOf));
  return {
    min,
    max,
    ticks: ticks.map((value) => ({ value, text: formatNumber(value, { locale, decimals }) })),
  };
}

const extent = (values: readonly number[]) =>
  values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
    values[0] ?? 0,
    values[0] ?? 0,
  ] as const);

function widened(low: number, high: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(1, size) * EQUAL_WITHIN) return [low, high];
  const space = Math.max(1, size / 10);
  return [low < 0 ? low - space : Math.max(0, low - space), high + space];
}

/** How many decimals a round number has, at most 20: 1 of `0.5`, 7 of `2e-7`. */
function decimalsOf(value: number): number {
  const [digits = "", exponent = "0"] = value.toExponential().split("e");
  const decimals = (digits.split(".")[1]?.length ?? 0) - Number(exponent);
  return Math.max(0, Math.min(20, decimals));
}

/** Where the bars of a chart lie, in points. */
export interface BarScale {
  /** Position of 0. */
  readonly zero: number;
  /** Positions of the ends of the bars; what can't be plotted ends at 0. */
  readonly ends: readonly number[];
}

/**
 * Positions of bars in `width` points. A bar of the value `max` has full length; that of the largest value does when
 * it is more than `max`. Values below 0 go to the left of 0. All at 0 when all values are 0.
 */
export function barScale(values: readonly number[], width: number, max = 0): BarScale {
  const plotted = values.map((value) => (isPlottable(value) ? value : 0));
  const high = plotted.reduce((a, b) => Math.max(a, b), isPlottable(max) ? Math.max(0, max) : 0);
  const low = plotted.reduce((a, b) => Math.min(a, b), 0);
  if (high === low) return { zero: 0, ends: plotted.map(() => 0) };
  const position = scaleLinear().domain([low, high]).range([0, width]).clamp(true);
  return { zero: position(0), ends: plotted.map((value) => position(value)) };
}
