import { symbol, symbolDiamond, symbolSquare, symbolTriangle } from "d3-shape";
import type { Tone } from "../document.ts";
import type { Canvas, Paint } from "../layout/canvas.ts";
import { colors, tones } from "../theme.ts";

/** Dashes of the first line, the second and so on. */
const DASHES: readonly (readonly number[] | undefined)[] = [undefined, [5, 2.5], [1.8, 1.8], [8, 2, 1.8, 2]];
/** Markers of the first line, the second and so on; the first one is a dot. */
const MARKERS = [undefined, symbolSquare, symbolTriangle, symbolDiamond].map((type) =>
  type === undefined ? undefined : (symbol(type, 26).digits(2)() ?? undefined),
);

/** Lines of one tone, or on a gray print, differ in their dashes. `distance` is that of neighboring points. */
export function lineStroke(tone: Tone, index: number, distance: number): Paint {
  // A line that goes up and down with each point of the page would fill it if it were thick.
  const thickness = distance > 4 ? 1.6 : distance > 1 ? 1.2 : 0.8;
  // From the fifth line on, the markers return with other dashes.
  const dashes = DASHES[(index + Math.floor(index / MARKERS.length)) % DASHES.length];
  return { stroke: tones[tone].fill, thickness, dashes };
}

/** A dot, a square, a triangle or a diamond, with a white edge to stand out from the lines. */
export function drawMarker(canvas: Canvas, tone: Tone, index: number, x: number, y: number): void {
  const paint = { fill: tones[tone].fill, stroke: colors.white, thickness: 0.8 };
  const marker = MARKERS[index % MARKERS.length];
  if (marker === undefined) canvas.circle(x, y, 2.9, paint);
  else canvas.path(marker, x, y, paint);
}
