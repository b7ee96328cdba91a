import { tint } from "@success-manager/contract/color";
import type { Line, LineChart, Tone } from "../document.ts";
import type { Canvas, Paint } from "../layout/canvas.ts";
import type { Fragment, Layout, LayoutContext } from "../layout/fragment.ts";
import type { Tag } from "../layout/structure.ts";
import { colors, tones } from "../theme.ts";
import { fill } from "../words.ts";
import { declutterLabels } from "./label-placement.ts";
import { areaPath, isolatedPoints, linePath } from "./line-path.ts";
import { AXIS_GAP, layoutPlot, type Plot, SAMPLE_WIDTH } from "./line-plot.ts";
import { drawMarker, lineStroke } from "./line-style.ts";
import { formatNumber, isPlottable, valueAxis } from "./scale.ts";
import { emptyNote, figureText, layoutTitle } from "./text.ts";

/** More lines than this can't be told apart. */
const MAX_LINES = 12;
/** Half of the topmost number of the axis stands above the plot. */
const SPACE_ABOVE = 6;
const GRID_THICKNESS = 0.5;
/** The lines of 0 and of the plot's foot. */
const AXIS_PAINT: Paint = { stroke: tones.neutral.fill, thickness: 0.75 };
/** Length of the strokes above the names of points. */
const TICK_LENGTH = 3;
/** Points closer together than this have no markers. */
const MIN_MARKER_DISTANCE = 11;

/** Lines over time, between a grid and their latest values. Lines beyond the twelfth are only counted. */
export const layoutLineChart: Layout<LineChart> = (block, context) => {
  const title = layoutTitle(block.title, context);
  const drawn = { ...block, lines: block.lines.slice(0, MAX_LINES) };
  const values = drawn.lines.flatMap((line) => line.values.slice(0, block.points.length).filter(isPlottable));
  if (values.length === 0) return [...title, emptyNote(context)];
  const plot = layoutPlot(drawn, valueAxis(values, block.range, context.locale), context);
  const namesHeight = plot.names.reduce((highest, { line }) => Math.max(highest, line.height), 0);
  const tag: Tag = { type: "Figure", parent: context.tag, alt: altText(drawn, context) };
  const chart: Fragment = {
    height: SPACE_ABOVE + plot.height + AXIS_GAP + namesHeight,
    draw: (canvas, x, top) =>
      canvas.tag(tag, () => drawPlot(canvas, drawn.lines, plot, x, top + SPACE_ABOVE)),
  };
  const omitted = block.lines.length - drawn.lines.length;
  const more = fill(context.words.moreLines, { count: formatNumber(omitted, context) });
  const note = omitted > 0 ? [emptyNote(context, more)] : [];
  return [...title, chart, ...note];
};

/** Up to so many values of a line are read out, of more only the ends and the extremes. */
const MAX_READ_VALUES = 13;

type ChartWords = Pick<LayoutContext, "words" | "locale">;

const altText = ({ title, points, lines }: LineChart, { words, locale }: ChartWords) =>
  figureText(
    words.lineChart,
    title,
    lines.map((line) => lineText(line, points, { words, locale })),
  );

function lineText({ name, values }: Line, points: readonly string[], { words, locale }: ChartWords): string {
  const known = points.flatMap((point, index) => {
    const value = values[index];
    return isPlottable(value) ? [{ value, said: `${formatNumber(value, { locale })} (${point})` }] : [];
  });
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return `${name}: ${words.noValue}`;
  if (known.length <= MAX_READ_VALUES) return `${name}: ${known.map(({ said }) => said).join(", ")}`;
  const lowest = known.reduce((least, one) => (one.value < least.value ? one : least));
  const highest = known.reduce((most, one) => (one.value > most.value ? one : most));
  return `${name}: ${fill(words.span, { first: first.said, last: last.said, lowest: lowest.said, highest: highest.said })}`;
}

/** Draws a plot whose upper edge is at `top`, in a block whose left edge is at `x`. */
function drawPlot(canvas: Canvas, lines: readonly Line[], plot: Plot, x: number, top: number): void {
  const left = x + plot.left;
  drawArea(canvas, lines, plot, left, top);
  drawGrid(canvas, plot, x, top);
  for (const [index, line] of lines.entries()) drawLine(canvas, line, index, plot, left, top);
  drawLabels(canvas, lines, plot, left + plot.width + plot.labelGap, top);
}

const zeroTick = ({ ticks }: Plot) => ticks.find(({ value }) => value === 0);

/** Under a single line down to 0, and only if 0 is on the axis: an area from elsewhere would overstate it. */
function drawArea(canvas: Canvas, lines: readonly Line[], plot: Plot, left: number, top: number): void {
  const [line, second] = lines;
  const zero = zeroTick(plot);
  if (line === undefined || second !== undefined || zero === undefined) return;
  canvas.path(areaPath(plot.points[0] ?? [], zero.y), left, top, { fill: tint(tones[line.tone].fill, 0.1) });
}

function drawGrid(canvas: Canvas, plot: Plot, x: number, top: number): void {
  const left = x + plot.left;
  const right = left + plot.width;
  for (const { value, y, text } of plot.ticks) {
    const paint = value === 0 ? AXIS_PAINT : { stroke: colors.rule, thickness: GRID_THICKNESS };
    canvas.line(left, top + y, right, top + y, paint);
    canvas.text(text, left - AXIS_GAP, top + y - text.height / 2, colors.muted, "right");
  }
  const foot = top + plot.height;
  if (zeroTick(plot) === undefined) canvas.line(left, foot, right, foot, AXIS_PAINT);
  for (const name of plot.names) {
    const tickX = left + (plot.xs[name.index] ?? 0);
    canvas.line(tickX, foot, tickX, foot + TICK_LENGTH, AXIS_PAINT);
    canvas.text(name.line, x + name.x, foot + AXIS_GAP, colors.muted);
  }
}

function drawLine(canvas: Canvas, line: Line, index: number, plot: Plot, left: number, top: number): void {
  const points = plot.points[index] ?? [];
  const distance = plot.width / Math.max(1, plot.xs.length - 1);
  const stroke = lineStroke(line.tone, index, distance);
  const hasMarkers = distance >= MIN_MARKER_DISTANCE;
  canvas.path(linePath(points), left, top, stroke);
  const isolated = isolatedPoints(points);
  if (!hasMarkers && isolated.length > 0) {
    // One path for all: lines without length, whose round caps make them dots.
    const dots = isolated.map(([x, y]) => `M${x.toFixed(1)} ${y.toFixed(1)}h0`).join("");
    canvas.path(dots, left, top, { ...stroke, dashes: undefined, thickness: 3 });
  }
  const latest = points.findLast((point) => point !== null);
  for (const point of points) {
    if (point !== null && (hasMarkers || point === latest))
      drawMarker(canvas, line.tone, index, left + point[0], top + point[1]);
  }
}

function drawLabels(canvas: Canvas, lines: readonly Line[], plot: Plot, left: number, top: number): void {
  const wanted = plot.labels.map(({ latest, value, height }, index) => {
    const y = latest === undefined ? undefined : plot.points[index]?.[latest]?.[1];
    // The value, not the whole label, stands at the height of the line's end.
    return { center: (y ?? plot.height) + (height - value.height) / 2, height };
  });
  const tops = declutterLabels(wanted, plot.height);
  const isSingle = lines.length === 1;
  for (const [index, { value, names, latest }] of plot.labels.entries()) {
    const line = lines[index];
    if (line === undefined) continue;
    let y = top + (tops[index] ?? 0);
    if (!isSingle) drawSample(canvas, line.tone, index, left, y + value.height / 2);
    const color = latest === undefined ? colors.muted : tones[line.tone].text;
    canvas.text(value, left + (isSingle ? 0 : SAMPLE_WIDTH), y, color);
    y += value.height;
    for (const name of names) {
      canvas.text(name, left, y, colors.muted);
      y += name.height;
    }
  }
}

/** A short piece of a line with its marker, as a legend has it. */
function drawSample(canvas: Canvas, tone: Tone, index: number, left: number, y: number): void {
  const width = SAMPLE_WIDTH - 5;
  canvas.line(left, y, left + width, y, lineStroke(tone, index, Number.POSITIVE_INFINITY));
  drawMarker(canvas, tone, index, left + width / 2, y);
}
