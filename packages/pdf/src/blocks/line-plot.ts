import type { Line, LineChart } from "../document.ts";
import type { LayoutContext } from "../layout/fragment.ts";
import type { TextLine } from "../text/typesetter.ts";
import { sizes } from "../theme.ts";
import { type AxisLabel, axisLabels } from "./label-placement.ts";
import { type PlotPoint, plotPoints, xPositions } from "./line-path.ts";
import { formatNumber, isPlottable, type ValueAxis } from "./scale.ts";
import { linesHeight, linesWidth } from "./text.ts";

const MIN_HEIGHT = 128;
/** Between the plot and what is written on its left and under it. */
export const AXIS_GAP = 8;
/**
 * Between the plot and the labels on its right: more when these begin with a sample of their line, which could be
 * taken for the line going on.
 */
const LABEL_GAP = { withoutSample: 8, withSample: 14 };
/** Width of the sample of a line beside its value; a single line needs none. */
export const SAMPLE_WIDTH = 24;
/** Below each label on the right. */
const SPACE_BELOW_LABEL = 3;
/** Shares of the width that numbers on the left, labels on the right and the name of a point may take. */
const MAX_NUMBER_SHARE = 0.2;
const MAX_LABEL_SHARE = 0.24;
const MAX_NAME_SHARE = 0.3;

/** What stands on the right of a line's end: its latest value and its name. */
export interface LineLabel {
  readonly value: TextLine;
  /** The line's name and, when its latest value is older than the last point, the name of that point. */
  readonly names: readonly TextLine[];
  readonly height: number;
  readonly width: number;
  /** Index of the latest value; none when there is no value at all. */
  readonly latest: number | undefined;
}

/** A chart before it is drawn. In points; positions from the upper left corner of the plot unless said otherwise. */
export interface Plot {
  /** From the left edge of the block to that of the plot. */
  readonly left: number;
  readonly width: number;
  readonly height: number;
  /** Between its right edge and the labels. */
  readonly labelGap: number;
  readonly ticks: readonly { readonly value: number; readonly y: number; readonly text: TextLine }[];
  readonly xs: readonly number[];
  /** Names of points, whose `x` is that from the left edge of the block. */
  readonly names: readonly (AxisLabel & { readonly line: TextLine })[];
  /** One for each line. */
  readonly labels: readonly LineLabel[];
  readonly points: readonly (readonly PlotPoint[])[];
}

/** Divides the width of a block among the axis, the lines and their labels. */
export function layoutPlot(chart: LineChart, axis: ValueAxis, context: LayoutContext): Plot {
  const { typesetter, width: blockWidth } = context;
  const small = { size: sizes.small };
  const labels = layoutLabels(chart, blockWidth * MAX_LABEL_SHARE, context);
  const labelsHeight = labels.reduce((sum, label) => sum + label.height, 0);
  const labelsWidth = labels.reduce((widest, label) => Math.max(widest, label.width), 0);
  const labelGap = chart.lines.length === 1 ? LABEL_GAP.withoutSample : LABEL_GAP.withSample;
  const ticks = axis.ticks.map(({ value, text }) => ({
    value,
    text: typesetter.line(text, small, blockWidth * MAX_NUMBER_SHARE),
  }));
  const left = linesWidth(ticks.map(({ text }) => text)) + AXIS_GAP;
  const width = blockWidth - left - labelsWidth - labelGap;
  const height = Math.max(MIN_HEIGHT, labelsHeight);
  const yOf = (value: number) => height - ((value - axis.min) / (axis.max - axis.min)) * height;
  const xs = xPositions(chart.points.length, width);
  const nameOf = (index: number) =>
    typesetter.line(chart.points[index] ?? "", small, blockWidth * MAX_NAME_SHARE);
  const names = axisLabels(
    xs.map((x) => left + x),
    (index) => nameOf(index).width,
    blockWidth,
  );
  return {
    left,
    width,
    height,
    labelGap,
    ticks: ticks.map((tick) => ({ ...tick, y: yOf(tick.value) })),
    xs,
    names: names.map((label) => ({ ...label, line: nameOf(label.index) })),
    labels,
    points: chart.lines.map(({ values }) => plotPoints(values, xs, yOf)),
  };
}

function layoutLabels(
  { title, points, lines }: LineChart,
  width: number,
  { typesetter, words, locale }: LayoutContext,
): readonly LineLabel[] {
  const isSingle = lines.length === 1;
  const small = { size: sizes.small };
  return lines.map((line) => {
    const latest = latestIndex(line, points.length);
    const latestValue = latest === undefined ? undefined : line.values[latest];
    const valueText = isPlottable(latestValue) ? formatNumber(latestValue, { locale }) : words.noValue;
    const indent = isSingle ? 0 : SAMPLE_WIDTH;
    const value = typesetter.line(valueText, { size: sizes.body, weight: "bold" }, width - indent);
    const name = isSingle && line.name === title ? undefined : line.name;
    const point = latest === undefined || latest === points.length - 1 ? undefined : points[latest];
    const names = [
      ...(name === undefined ? [] : typesetter.lines(name, small, width, lines.length > 6 ? 1 : 2)),
      ...(point === undefined ? [] : [typesetter.line(point, small, width)]),
    ];
    return {
      value,
      names,
      height: value.height + linesHeight(names) + SPACE_BELOW_LABEL,
      width: Math.max(value.width + indent, linesWidth(names)),
      latest,
    };
  });
}

function latestIndex({ values }: Line, count: number): number | undefined {
  const index = values.slice(0, count).findLastIndex(isPlottable);
  return index < 0 ? undefined : index;
}
