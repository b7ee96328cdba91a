import type { StackedBar } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import type { Fragment, Layout, LayoutContext } from "../layout/fragment.ts";
import { gridColumns, gridRows, MIN_COLUMN_WIDTH } from "../layout/grid.ts";
import type { Tag } from "../layout/structure.ts";
import type { TextLine } from "../text/typesetter.ts";
import { colors, sizes, textColorOn, tones } from "../theme.ts";
import { partWidths, toAmount } from "./part-widths.ts";
import { formatNumber, isPlottable } from "./scale.ts";
import { emptyNote, figureText, layoutTitle, linesHeight } from "./text.ts";

type Part = StackedBar["parts"][number];

const BAR_THICKNESS = 18;
/** White between two parts whose fills are alike on a gray print. */
const SEAM = 1;
const GAP = 10;
const SWATCH_SIZE = 7;
const INDENT = SWATCH_SIZE + 5;
/** Between a percentage and the count beside it. */
const COUNT_GAP = 6;

/** Part of a column that a percentage may take: the count beside it needs some, too. */
const MAX_SHARE_WIDTH = 0.6;

/** One bar of all parts and, under it, a legend in the same order. */
export const layoutStackedBar: Layout<StackedBar> = ({ title, parts }, context) => {
  const hasParts = parts.some(({ value }) => isPlottable(value) && value > 0);
  return [...layoutTitle(title, context), hasParts ? layoutChart(title, parts, context) : emptyNote(context)];
};

const altText = (
  title: string | undefined,
  parts: readonly Part[],
  { words, locale }: Pick<LayoutContext, "words" | "locale">,
) =>
  figureText(
    words.stackedBar,
    title,
    parts.map(
      ({ label, share, value }) => `${label}: ${share} (${formatNumber(toAmount(value), { locale })})`,
    ),
  );

/** What the legend says of a part. */
interface LegendEntry {
  readonly part: Part;
  readonly percentage: TextLine;
  readonly count: TextLine;
  readonly label: readonly TextLine[];
}

function layoutChart(title: string | undefined, parts: readonly Part[], context: LayoutContext): Fragment {
  const { typesetter, width, tag: parent, locale } = context;
  const tag: Tag = { type: "Figure", parent, alt: altText(title, parts, context) };
  const values = parts.map(({ value }) => value);
  const counts = values.map((value) => formatNumber(toAmount(value), { locale }));
  const [percentStyle, countStyle] = [{ size: sizes.body, weight: "bold" }, { size: sizes.small }] as const;
  const widths = parts.map(
    ({ share }, n) =>
      typesetter.line(share, percentStyle).width + typesetter.line(counts[n] ?? "", countStyle).width,
  );
  const needed = Math.min(width / 2, INDENT + COUNT_GAP + Math.max(...widths));
  const columns = gridColumns(parts.length, width, GAP, Math.max(MIN_COLUMN_WIDTH, needed));
  const columnWidth = (width - GAP * (columns - 1)) / columns;
  const entries = parts.map((part, index): LegendEntry => {
    const percentage = typesetter.line(part.share, percentStyle, (columnWidth - INDENT) * MAX_SHARE_WIDTH);
    const countWidth = Math.max(0, columnWidth - INDENT - percentage.width - COUNT_GAP);
    return {
      part,
      percentage,
      count: typesetter.line(counts[index] ?? "", countStyle, countWidth),
      label: typesetter.lines(part.label, countStyle, columnWidth - INDENT, 2),
    };
  });
  const legend = gridRows(entries, columns).map((row) => ({
    row,
    height: Math.max(...row.map(({ label, percentage }) => percentage.height + linesHeight(label))),
  }));
  return {
    height: legend.reduce((sum, row) => sum + GAP + row.height, BAR_THICKNESS),
    draw: (canvas, x, top) =>
      canvas.tag(tag, () => {
        drawBar(canvas, x, top, partWidths(values, width), entries);
        let y = top + BAR_THICKNESS;
        for (const { row, height } of legend) {
          y += GAP;
          for (const [column, entry] of row.entries()) {
            drawEntry(canvas, x + column * (columnWidth + GAP), y, entry);
          }
          y += height;
        }
      }),
  };
}

function drawBar(
  canvas: Canvas,
  x: number,
  top: number,
  widths: readonly number[],
  entries: readonly LegendEntry[],
): void {
  let left = x;
  const end = x + widths.reduce((sum, width) => sum + width, 0);
  for (const [index, { part, percentage }] of entries.entries()) {
    const width = widths[index] ?? 0;
    if (width <= 0) continue;
    const seam = left + width < end - SEAM / 2 ? Math.min(SEAM, width / 3) : 0;
    const { fill } = tones[part.tone];
    canvas.rect(left, top, width - seam, BAR_THICKNESS, { fill });
    if (percentage.width + 8 <= width - seam) {
      const middle = left + (width - seam) / 2;
      const lineTop = top + (BAR_THICKNESS - percentage.height) / 2;
      canvas.text(percentage, middle, lineTop, textColorOn(fill), "center");
    }
    left += width;
  }
}

/** The label stands below the figures, but is drawn first, for readers who have the page read to them. */
function drawEntry(
  canvas: Canvas,
  x: number,
  top: number,
  { part, percentage, count, label }: LegendEntry,
): void {
  const swatchTop = top + (percentage.height - SWATCH_SIZE) / 2;
  canvas.rect(x, swatchTop, SWATCH_SIZE, SWATCH_SIZE, { fill: tones[part.tone].fill });
  let y = top + percentage.height;
  for (const line of label) {
    canvas.text(line, x + INDENT, y, colors.muted);
    y += line.height;
  }
  canvas.text(percentage, x + INDENT, top, colors.ink);
  const countTop = top + (percentage.height - count.height) / 2;
  canvas.text(count, x + INDENT + percentage.width + COUNT_GAP, countTop, colors.muted);
}
