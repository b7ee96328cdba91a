import type { StackedBar } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import type { Frame, LayOut, Piece } from "../layout/piece.ts";
import type { TextLine } from "../text/typesetter.ts";
import { colors, sizes, tones } from "../theme.ts";
import { columnsFor, rowsOf } from "./geometry/columns.ts";
import { isFigure, shownFigure } from "./geometry/figure.ts";
import { percentagesOf, widthsOf } from "./geometry/shares.ts";
import { legibleOn } from "./legible.ts";
import { nothing } from "./nothing.ts";
import { layTitle } from "./title.ts";

type Part = StackedBar["parts"][number];

const THICKNESS = 18;
/** White between two parts, for those whose fills are alike on a gray print. */
const SEAM = 1;
const GAP = 10;
const SWATCH = 7;
const INDENT = SWATCH + 5;

/** One bar of all parts, and under it what each of them is, in the same order. */
export const laySplit: LayOut<StackedBar> = ({ title, parts }, frame) => {
  const heading = layTitle(title, frame);
  if (!parts.some(({ value }) => isFigure(value) && value > 0)) return [...heading, nothing(frame)];
  return [...heading, chart(parts, frame)];
};

interface Entry {
  readonly part: Part;
  readonly percentage: TextLine;
  readonly count: TextLine;
  readonly label: readonly TextLine[];
}

function chart(parts: readonly Part[], frame: Frame): Piece {
  const { type, width } = frame;
  const values = parts.map(({ value }) => value);
  const percentages = percentagesOf(values);
  const columns = columnsFor(parts.length, width, GAP);
  const columnWidth = (width - GAP * (columns - 1)) / columns;
  const entries = parts.map((part, index): Entry => {
    const percentage = type.line(percentages[index] ?? "", { size: sizes.body, weight: "bold" });
    const counted = isFigure(part.value) ? Math.max(0, part.value) : 0;
    const room = Math.max(0, columnWidth - INDENT - percentage.width - 6);
    return {
      part,
      percentage,
      count: type.line(shownFigure(counted), { size: sizes.small }, room),
      label: type.lines(part.label, { size: sizes.small }, columnWidth - INDENT, 2),
    };
  });
  const legend = rowsOf(entries, columns).map((row) => ({ row, height: Math.max(...row.map(heightOf)) }));
  const height = legend.reduce((sum, row) => sum + row.height + GAP, THICKNESS);
  return {
    height,
    draw: (canvas, x, top) => {
      drawBar(canvas, x, top, widthsOf(values, width), entries);
      let y = top + THICKNESS;
      for (const { row, height: rowHeight } of legend) {
        y += GAP;
        for (const [column, entry] of row.entries()) {
          drawEntry(canvas, x + column * (columnWidth + GAP), y, entry);
        }
        y += rowHeight;
      }
    },
  };
}

const heightOf = ({ label, percentage }: Entry) =>
  label.reduce((sum, line) => sum + line.height, percentage.height);

function drawBar(
  canvas: Canvas,
  x: number,
  top: number,
  widths: readonly number[],
  entries: readonly Entry[],
): void {
  let left = x;
  const end = x + widths.reduce((sum, width) => sum + width, 0);
  for (const [index, { part, percentage }] of entries.entries()) {
    const width = widths[index] ?? 0;
    if (width <= 0) continue;
    const seam = left + width < end - SEAM / 2 ? Math.min(SEAM, width / 3) : 0;
    const { fill } = tones[part.tone];
    canvas.rect(left, top, width - seam, THICKNESS, { fill });
    if (percentage.width + 8 <= width - seam) {
      const middle = left + (width - seam) / 2;
      const line = top + (THICKNESS - percentage.height) / 2;
      canvas.text(percentage, middle, line, legibleOn(fill), "center");
    }
    left += width;
  }
}

/** The label is set below the figures, but comes first for those who have the page read to them. */
function drawEntry(canvas: Canvas, x: number, top: number, { part, percentage, count, label }: Entry): void {
  const swatch = top + (percentage.height - SWATCH) / 2;
  canvas.rect(x, swatch, SWATCH, SWATCH, { fill: tones[part.tone].fill });
  let y = top + percentage.height;
  for (const line of label) {
    canvas.text(line, x + INDENT, y, colors.muted);
    y += line.height;
  }
  canvas.text(percentage, x + INDENT, top, colors.ink);
  const middle = top + (percentage.height - count.height) / 2;
  canvas.text(count, x + INDENT + percentage.width + 6, middle, colors.muted);
}
