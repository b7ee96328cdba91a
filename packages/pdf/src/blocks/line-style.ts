import { symbol, symbolDiamond, symbolSquare, symbolTriangle } from "d3-shape";
import type { Tone } from "../document.ts";
import type { Canvas, Paint } from "../layout/canvas.ts";
import { colors, tones } from "../theme.ts";

/** Dashes of the first line, the second and so on. */
const DASHES: readonly (readonly number[] | undefined)[] = [undefined, [5, 2.5], [1.8, 1.8], [8, 2, 1.8, 2]];

const SHAPES = [undefined, symbolSquare, symbolTriangle, symbolDiamond].map((type) =>
  type === undefined ? undefined : (symbol(type, 26).digits(2)() ?? undefined),
);

/** Points closer together than this, in points, have no marks of their own. */
export const MARKED = 11;

/** How the line of number `index` is painted: lines of one tone, or on a gray print, differ in their dashes. */
export function strokeOf(tone: Tone, index: number, apart: number): Paint {
  // What goes up and down with each point of the page would fill it, were it drawn as thick as a curve.
  const thickness = apart > 4 ? 1.6 : apart > 1 ? 1.2 : 0.8;
  // From the fifth line on, the shapes return with other dashes.
  const dashes = DASHES[(index + Math.floor(index / SHAPES.length)) % DASHES.length];
  return { stroke: tones[tone].fill, thickness, dashes };
}

/** The mark of a point: a dot, a square, a triangle or a diamond, with a white edge to stand out from the lines. */
export function drawPoint(canvas: Canvas, tone: Tone, index: number, x: number, y: number): void {
  const paint = { fill: tones[tone].fill, stroke: colors.white, thickness: 0.8 };
  const shape = SHAPES[index % SHAPES.length];
  if (shape === undefined) canvas.circle(x, y, 2.9, paint);
  else canvas.path(shape, x, y, paint);
}
