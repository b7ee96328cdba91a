import { area, line } from "d3-shape";
import { isFigure } from "./figure.ts";

/** A point of a line on the page, in points; null where it has a gap. */
export type Spot = readonly [x: number, y: number] | null;

/** Tenths of a point are finer than any printer, and keep two years of days small. */
const DIGITS = 1;

/** Where the points of a line lie: each value at its place, as high as `yOf` says. */
export const spotsOf = (
  values: readonly (number | null | undefined)[],
  places: readonly number[],
  yOf: (value: number) => number,
): readonly Spot[] =>
  places.map((x, index) => {
    const value = values[index];
    return isFigure(value) ? [x, yOf(value)] : null;
  });

/** Evenly from 0 to `width`; one alone in the middle. */
export const placesOf = (count: number, width: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => (count === 1 ? width / 2 : (index / (count - 1)) * width));

const within = line<Spot>()
  .defined((spot) => spot !== null)
  .x((spot) => spot?.[0] ?? 0)
  .y((spot) => spot?.[1] ?? 0)
  .digits(DIGITS);

/** The path through all spots, interrupted at gaps; empty when there is none. */
export const pathOf = (spots: readonly Spot[]): string => within(spots) ?? "";

/** The path around what lies between the spots and the height `base`. */
export const areaOf = (spots: readonly Spot[], base: number): string =>
  area<Spot>()
    .defined((spot) => spot !== null)
    .x((spot) => spot?.[0] ?? 0)
    .y0(base)
    .y1((spot) => spot?.[1] ?? 0)
    .digits(DIGITS)(spots) ?? "";

/** Spots between two gaps, through which no line goes. */
export const lonely = (spots: readonly Spot[]): readonly (readonly [number, number])[] =>
  spots.filter(
    (spot, index): spot is readonly [number, number] =>
      spot !== null && (spots[index - 1] ?? null) === null && (spots[index + 1] ?? null) === null,
  );
