import { scaleLinear } from "d3-scale";
import { isFigure } from "./figure.ts";

/** A vertical axis: what its ends stand for, and where it has grid lines. */
export interface Extent {
  readonly least: number;
  readonly most: number;
  readonly ticks: readonly { readonly value: number; readonly shown: string }[];
}

/** About as many grid lines as tell a value without crowding the page. */
const TICKS = 5;

/** Figures closer together than this share of their size are as good as equal. */
const FLAT = 1e-9;

/**
 * The axis for `values`: the ends that are asked for, moved outwards where a value lies beyond them; round
 * numbers around the values when none are. Never empty: values that are all equal get some room around them,
 * but none below 0 unless they are.
 */
export function extentOf(values: readonly number[], asked: readonly number[] = []): Extent {
  const ends = asked.filter(isFigure);
  const [low, high] = roomy(...endsOf([...ends, ...values.filter(isFigure)]));
  const axis = scaleLinear().domain([low, high]);
  // Between counts there is nothing to mark.
  const count = values.every(Number.isInteger) ? Math.max(1, Math.min(TICKS, Math.floor(high - low))) : TICKS;
  if (ends.length < 2) axis.nice(count);
  const [least = low, most = high] = axis.domain();
  const shown = axis.tickFormat(count, ",f");
  return { least, most, ticks: axis.ticks(count).map((value) => ({ value, shown: shown(value) })) };
}

const endsOf = (values: readonly number[]) =>
  values.reduce(([low, high], value) => [Math.min(low, value), Math.max(high, value)] as const, [
    values[0] ?? 0,
    values[0] ?? 0,
  ] as const);

function roomy(low: number, high: number): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(1, size) * FLAT) return [low, high];
  const room = Math.max(1, size / 10);
  return [low < 0 ? low - room : Math.max(0, low - room), high + room];
}
