import type { Tone } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import { tones } from "../theme.ts";

/** Tones that say how good something is. They have a shape too, for gray prints and for color-blind readers. */
type StatusTone = "good" | "fair" | "poor" | "bad";

/** Width and height of an icon, in points. */
export const ICON_SIZE = 6;

/** A check mark, a dash, an exclamation mark and a cross: nothing that could be taken for an arrow. */
const ICON_PATHS: Readonly<Record<StatusTone, string>> = {
  good: "M0.6 3.4L2.4 5.2L5.4 1",
  fair: "M0.8 3.2L5.2 3.2",
  poor: "M3 0.8L3 3.2M3 5.3L3 5.4",
  bad: "M1.2 1.4L4.8 5M4.8 1.4L1.2 5",
};

export const hasStatusIcon = (tone: Tone | undefined): tone is StatusTone =>
  tone !== undefined && Object.hasOwn(ICON_PATHS, tone);

/** Draws the icon of a tone with its upper left corner at `x`, `top`. */
export function drawStatusIcon(canvas: Canvas, tone: StatusTone, x: number, top: number): void {
  canvas.icon(ICON_PATHS[tone], x, top, ICON_SIZE, { stroke: tones[tone].text, thickness: 1.2 });
}
