import type { LineChart } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import { colors, tones } from "../theme.ts";
import { areaOf, lonely, pathOf } from "./geometry/course.ts";
import { spread } from "./geometry/spread.ts";
import { SAMPLE } from "./line-labels.ts";
import { BESIDE, type Plot } from "./line-plot.ts";
import { drawPoint, MARKED, strokeOf } from "./line-style.ts";
import { tint } from "./tint.ts";

/** Thickness of grid lines; that of 0 and of the foot, to which the eye returns. */
const FINE = 0.5;
const AXIS = 0.75;
/** Length of the strokes above the names of points. */
const NOTCH = 3;

/** Draws a plot whose upper edge is at `top`, in a block whose left edge is at `x`. */
export function drawPlot(canvas: Canvas, { lines }: LineChart, plot: Plot, x: number, top: number): void {
  const left = x + plot.left;
  drawArea(canvas, lines, plot, left, top);
  drawGrid(canvas, plot, x, top);
  for (const [index, line] of lines.entries()) drawLine(canvas, line, index, plot, left, top);
  drawLabels(canvas, lines, plot, left + plot.width + plot.beside, top);
}

type Drawn = LineChart["lines"][number];

const zeroOf = ({ ticks }: Plot) => ticks.find(({ value }) => value === 0);

/** Down to 0, and only if 0 is on the axis: an area from elsewhere would say how much of nothing. */
function drawArea(canvas: Canvas, lines: readonly Drawn[], plot: Plot, left: number, top: number): void {
  const [line, second] = lines;
  const zero = zeroOf(plot);
  if (line === undefined || second !== undefined || zero === undefined) return;
  canvas.path(areaOf(plot.spots[0] ?? [], zero.y), left, top, { fill: tint(tones[line.tone].fill, 0.1) });
}

function drawGrid(canvas: Canvas, plot: Plot, x: number, top: number): void {
  const left = x + plot.left;
  const right = left + plot.width;
  const axis = { stroke: tones.neutral.fill, thickness: AXIS };
  for (const { value, y, shown } of plot.ticks) {
    const paint = value === 0 ? axis : { stroke: colors.rule, thickness: FINE };
    canvas.line(left, top + y, right, top + y, paint);
    canvas.text(shown, left - BESIDE, top + y - shown.height / 2, colors.muted, "right");
  }
  const foot = top + plot.height;
  if (zeroOf(plot) === undefined) canvas.line(left, foot, right, foot, axis);
  for (const { index, x: at, line } of plot.names) {
    const place = left + (plot.places[index] ?? 0);
    canvas.line(place, foot, place, foot + NOTCH, axis);
    canvas.text(line, x + at, foot + BESIDE, colors.muted);
  }
}

function drawLine(canvas: Canvas, line: Drawn, index: number, plot: Plot, left: number, top: number): void {
  const spots = plot.spots[index] ?? [];
  const apart = plot.width / Math.max(1, plot.places.length - 1);
  const stroke = strokeOf(line.tone, index, apart);
  canvas.path(pathOf(spots), left, top, stroke);
  const last = spots.findLast((spot) => spot !== null);
  const dots = lonely(spots);
  if (apart < MARKED) {
    // One path for all: a line without length, whose round caps make it a dot.
    const path = dots.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
    if (path !== "") canvas.path(path, left, top, { ...stroke, dashes: undefined, thickness: 3 });
  }
  for (const spot of spots) {
    if (spot !== null && (apart >= MARKED || spot === last)) {
      drawPoint(canvas, line.tone, index, left + spot[0], top + spot[1]);
    }
  }
}

function drawLabels(canvas: Canvas, lines: readonly Drawn[], plot: Plot, left: number, top: number): void {
  const wishes = plot.labels.map(({ last, value, height }, index) => {
    const y = last === undefined ? undefined : plot.spots[index]?.[last]?.[1];
    // The value, not the whole label, stands at the height of the line's end.
    return { at: (y ?? plot.height) + (height - value.height) / 2, height };
  });
  const tops = spread(wishes, plot.height);
  for (const [index, { value, names, last }] of plot.labels.entries()) {
    const line = lines[index];
    if (line === undefined) continue;
    let y = top + (tops[index] ?? 0);
    const middle = y + value.height / 2;
    const alone = lines.length === 1;
    if (!alone) {
      const stroke = strokeOf(line.tone, index, Number.POSITIVE_INFINITY);
      canvas.line(left, middle, left + SAMPLE - 5, middle, stroke);
      drawPoint(canvas, line.tone, index, left + (SAMPLE - 5) / 2, middle);
    }
    const color = last === undefined ? colors.muted : tones[line.tone].text;
    canvas.text(value, left + (alone ? 0 : SAMPLE), y, color);
    y += value.height;
    for (const name of names) {
      canvas.text(name, left, y, colors.muted);
      y += name.height;
    }
  }
}
