import type { Tone } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import { tones } from "../theme.ts";

/** Width and height of a mark, in points. */
export const MARK = 6;

/** Tones that say how good something is have a shape too, for gray prints and for eyes that see no red or green. */
export const hasMark = (tone: Tone | undefined): tone is "good" | "fair" | "poor" | "bad" =>
  tone === "good" || tone === "fair" || tone === "poor" || tone === "bad";

/** A tick, a dash, an exclamation mark or a cross (nothing that could be taken for an arrow), its upper left corner at `x`, `top`. */
export function drawMark(
  canvas: Canvas,
  tone: "good" | "fair" | "poor" | "bad",
  x: number,
  top: number,
): void {
  const color = tones[tone].text;
  const stroke = { stroke: color, thickness: 1.2 };
  if (tone === "good") canvas.path("M0.6 3.4L2.4 5.2L5.4 1", x, top, stroke);
  if (tone === "fair") canvas.path("M0.8 3.2L5.2 3.2", x, top, stroke);
  if (tone === "poor") canvas.path("M3 0.8L3 3.2M3 5.3L3 5.4", x, top, stroke);
  if (tone === "bad") canvas.path("M1.2 1.4L4.8 5M4.8 1.4L1.2 5", x, top, stroke);
}
