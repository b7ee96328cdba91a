import { area, line } from "d3-shape";
import { isPlottable } from "./scale.ts";

/** A point of a line in the plot, in points of the page; null where the line has a gap. */
export type PlotPoint = readonly [x: number, y: number] | null;

/** Tenths of a point are finer than any printer, and keep two years of days small. */
const DIGITS = 1;

/** Evenly from 0 to `width`; a single one in the middle. */
export const xPositions = (count: number, width: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => (count === 1 ? width / 2 : (index / (count - 1)) * width));

/** The points of a line: each value at its x, as high as `yOf` says; null for what can't be plotted. */
export const plotPoints = (
  values: readonly (number | null | undefined)[],
  xs: readonly number[],
  yOf: (value: number) => number,
): readonly PlotPoint[] =>
  xs.map((x, index) => {
    const value = values[index];
    return isPlottable(value) ? [x, yOf(value)] : null;
  });

/** The SVG path through all points, interrupted at gaps; empty when there is no point. */
export const linePath = (points: readonly PlotPoint[]): string =>
  line<PlotPoint>()
    .defined((point) => point !== null)
    .x((point) => point?.[0] ?? 0)
    .y((point) => point?.[1] ?? 0)
    .digits(DIGITS)(points) ?? "";

/** The SVG path around the area between the points and the height `base`. */
export const areaPath = (points: readonly PlotPoint[], base: number): string =>
  area<PlotPoint>()
    .defined((point) => point !== null)
    .x((point) => point?.[0] ?? 0)
    .y0(base)
    .y1((point) => point?.[1] ?? 0)
    .digits(DIGITS)(points) ?? "";

/** Points between two gaps, through which no line goes. */
export const isolatedPoints = (points: readonly PlotPoint[]): readonly (readonly [number, number])[] =>
  points.filter(
    (point, index): point is readonly [number, number] =>
      point !== null && (points[index - 1] ?? null) === null && (points[index + 1] ?? null) === null,
  );
