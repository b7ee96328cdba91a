import { scaleLinear } from "d3-scale";
import { isFigure } from "./figure.ts";

/** Where bars lie beside each other's zero, in points. */
export interface Lengths {
  /** Place of 0. */
  readonly zero: number;
  /** Places of the ends of the bars; what can't be drawn ends at 0. */
  readonly ends: readonly number[];
}

/**
 * Places of bars in `width` points. `most` is the value of full length; the largest one, when that is more or
 * nothing is asked for. Values below 0 go to the left of 0. All at 0 when all values are 0.
 */
export function lengthsOf(values: readonly number[], width: number, most = 0): Lengths {
  const amounts = values.map((value) => (isFigure(value) ? value : 0));
  const high = amounts.reduce((a, b) => Math.max(a, b), isFigure(most) ? Math.max(0, most) : 0);
  const low = amounts.reduce((a, b) => Math.min(a, b), 0);
  if (high === low) return { zero: 0, ends: amounts.map(() => 0) };
  const place = scaleLinear().domain([low, high]).range([0, width]).clamp(true);
  return { zero: place(0), ends: amounts.map((amount) => place(amount)) };
}
