import type { Bar, BarChart, DocumentWords } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import type { Fragment, Layout, LayoutContext } from "../layout/fragment.ts";
import type { Tag } from "../layout/structure.ts";
import type { TextLine } from "../text/typesetter.ts";
import { colors, sizes, tones } from "../theme.ts";
import { type BarScale, barScale } from "./scale.ts";
import { emptyNote, figureText, layoutTitle, linesHeight, linesWidth } from "./text.ts";

const BAR_THICKNESS = 9;
/** A bar of 0 is this long, so that it is seen that there is one. */
const MIN_BAR_LENGTH = 1.5;
/** Half of the strokes at the ends of a range. */
const RANGE_END = 2.5;
const LABEL_GAP = 10;
/** Between a bar and its value. */
const VALUE_GAP = 6;
const COLUMN_GAP = 8;
const ROW_GAP = 5;
/** Shares of the width that labels and values may take. */
const MAX_LABEL_SHARE = 0.36;
const MAX_VALUE_SHARE = 0.32;
/** When there are values on both sides of 0. */
const MAX_VALUE_SHARE_BOTH_SIDES = 0.2;
/**
 * Share of a page's height that a chart may take in one piece: with its headings it is no higher than half a page, so
 * that no page need be left half empty for it. A higher one may be cut between bars, but rather is not up to the second.
 */
const MAX_CHART_SHARE = 0.35;
const MAX_WHOLE_SHARE = 0.6;

/** Labels on the left, bars from a common zero, each value at the end of its bar. */
export const layoutBarChart: Layout<BarChart> = ({ title, bars, max }, context) => {
  const heading = layoutTitle(title, context);
  if (bars.length === 0) return [...heading, emptyNote(context)];
  const rows = layoutRows(bars, max, context);
  const height = rows.reduce((sum, row) => sum + row.height, 0);
  if (height > context.height * MAX_CHART_SHARE)
    return [...heading, ...listed(rows, height <= context.height * MAX_WHOLE_SHARE, context)];
  const tag: Tag = { type: "Figure", parent: context.tag, alt: altText(title, bars, context.words) };
  return [
    ...heading,
    { height, draw: (canvas, x, top) => canvas.tag(tag, () => drawAll(rows)(canvas, x, top)) },
  ];
};

const altText = (title: string | undefined, bars: readonly Bar[], words: DocumentWords) =>
  figureText(
    words.barChart,
    title,
    bars.map(({ label, valueText }) => `${label}: ${valueText}`),
  );

/** A chart that may go on on another page is read as a list of what its bars say: no figure has two pages. */
function listed(
  rows: readonly Fragment[],
  isRatherWhole: boolean,
  { tag: parent }: LayoutContext,
): readonly Fragment[] {
  const list: Tag = { type: "L", parent };
  const keep = (index: number) =>
    index === 0 || index === rows.length - 2 || (isRatherWhole && ("rather" as const));
  return rows.map((row, index) => ({
    ...row,
    keepWithNext: index < rows.length - 1 && keep(index),
    draw: (canvas, x, top) =>
      canvas.tag({ type: "LBody", parent: { type: "LI", parent: list } }, () => row.draw(canvas, x, top)),
  }));
}

/** One below the other. */
const drawAll =
  (rows: readonly Fragment[]): Fragment["draw"] =>
  (canvas, x, top) => {
    let y = top;
    for (const row of rows) {
      row.draw(canvas, x, y);
      y += row.height;
    }
  };

/** What all rows of a chart have in common; in points from its left edge. */
interface ChartColumns {
  readonly labelWidth: number;
  /** Where the leftmost bar may begin. */
  readonly barsLeft: number;
  readonly barsWidth: number;
  readonly scale: BarScale;
  /** Whether the bars are parts of a whole, which is then drawn behind them. */
  readonly hasTrack: boolean;
}

/** A bar whose texts are measured. */
interface MeasuredBar {
  readonly bar: Bar;
  readonly label: readonly TextLine[];
  readonly value: TextLine;
}

function layoutRows(
  bars: readonly Bar[],
  max: number | undefined,
  { typesetter, width }: LayoutContext,
): readonly Fragment[] {
  const hasNegative = bars.some(({ value }) => value < 0);
  const maxValueWidth = width * (hasNegative ? MAX_VALUE_SHARE_BOTH_SIDES : MAX_VALUE_SHARE);
  const measured = bars.map(
    (bar): MeasuredBar => ({
      bar,
      label: typesetter.lines(bar.label, { size: sizes.body }, width * MAX_LABEL_SHARE, 2),
      value: typesetter.line(bar.valueText, { size: sizes.body, weight: "bold" }, maxValueWidth),
    }),
  );
  const labelWidth = linesWidth(measured.flatMap(({ label }) => label));
  const valueWidth = linesWidth(measured.map(({ value }) => value)) + COLUMN_GAP;
  const barsLeft = labelWidth + LABEL_GAP + (hasNegative ? valueWidth : 0);
  const barsWidth = width - barsLeft - valueWidth;
  const values = bars.map(({ value }) => value);
  const ranges = bars.flatMap(({ value, range = [value, value] }) => range);
  const scale = barScale([...values, ...ranges], barsWidth, max);
  const columns = { labelWidth, barsLeft, barsWidth, scale, hasTrack: max !== undefined };
  const endOf = (index: number) => scale.ends[index] ?? scale.zero;
  return measured.map((bar, index) => {
    const [low, high] = [0, 1].map((end) => endOf(bars.length + 2 * index + end));
    return layoutRow(bar, endOf(index), columns, bar.bar.range && [low ?? 0, high ?? 0]);
  });
}

/** A row whose bar goes from 0 to `end`, in points from `columns.barsLeft`; so is its range. */
function layoutRow(
  bar: MeasuredBar,
  end: number,
  columns: ChartColumns,
  range: readonly [low: number, high: number] | undefined,
): Fragment {
  const labelHeight = linesHeight(bar.label);
  const height = Math.max(labelHeight, BAR_THICKNESS) + ROW_GAP;
  return {
    height,
    draw: (canvas, x, top) => {
      const middle = top + height / 2;
      let y = middle - labelHeight / 2;
      for (const line of bar.label) {
        canvas.text(line, x, y, colors.ink);
        y += line.height;
      }
      drawBar(canvas, bar, range ? Math.max(end, range[1]) : end, end, columns, x + columns.barsLeft, middle);
      if (range) drawRange(canvas, range, x + columns.barsLeft, middle);
      const zero = x + columns.barsLeft + columns.scale.zero;
      canvas.line(zero, top, zero, top + height, { stroke: tones.neutral.fill, thickness: 0.75 });
    },
  };
}

/** A thin line with a stroke at both ends. */
function drawRange(
  canvas: Canvas,
  [low, high]: readonly [low: number, high: number],
  barsLeft: number,
  middle: number,
): void {
  const paint = { stroke: colors.ink, thickness: 0.75 };
  canvas.line(barsLeft + low, middle, barsLeft + high, middle, paint);
  for (const end of [low, high])
    canvas.line(barsLeft + end, middle - RANGE_END, barsLeft + end, middle + RANGE_END, paint);
}

/** @param outer how far the bar or its range goes: there its value begins */
function drawBar(
  canvas: Canvas,
  { bar, value }: MeasuredBar,
  outer: number,
  end: number,
  { barsWidth, scale: { zero }, hasTrack }: ChartColumns,
  barsLeft: number,
  middle: number,
): void {
  const top = middle - BAR_THICKNESS / 2;
  const length = Math.max(MIN_BAR_LENGTH, Math.abs(end - zero));
  const left = end < zero ? zero - length : zero;
  if (hasTrack) canvas.rect(barsLeft, top, barsWidth, BAR_THICKNESS, { fill: colors.pale });
  canvas.rect(barsLeft + left, top, length, BAR_THICKNESS, { fill: tones[bar.tone ?? "accent"].fill });
  const y = middle - value.height / 2;
  const drawn = Math.max(left + length, outer);
  const right = hasTrack ? Math.max(barsWidth, drawn) : drawn;
  if (end < zero) canvas.text(value, barsLeft + left - VALUE_GAP, y, colors.ink, "right");
  else canvas.text(value, barsLeft + right + VALUE_GAP, y, colors.ink);
}
