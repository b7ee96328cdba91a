import type { Bar, BarChart } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import type { Frame, LayOut, Piece } from "../layout/piece.ts";
import type { TextLine } from "../text/typesetter.ts";
import { colors, sizes, tones } from "../theme.ts";
import { type Lengths, lengthsOf } from "./geometry/lengths.ts";
import { nothing } from "./nothing.ts";
import { layTitle } from "./title.ts";

const THICKNESS = 9;
/** Of a bar of 0: a stroke, so that it is seen that there is a bar. */
const STUB = 1.5;
const GAP = 8;
/** Between a bar and its value. */
const BESIDE = 6;
/** Between rows. */
const APART = 5;
/** Shares of the width that labels and values take at most. */
const LABELS = 0.36;
const VALUES = 0.32;
/** When there are values on both sides of 0. */
const VALUES_BESIDE = 0.2;
/** Share of a page that a chart takes at most; a longer one may be cut between bars. */
const TALLEST = 0.6;

/** Labels on the left, bars from a common zero, each value at the end of its bar. */
export const layBars: LayOut<BarChart> = ({ title, bars, max }, frame) => {
  const heading = layTitle(title, frame);
  if (bars.length === 0) return [...heading, nothing(frame)];
  return [...heading, ...charts(rowsOf(bars, max, frame), frame)];
};

/** Where all bars of a chart stand, in points from its left edge. */
interface Columns {
  /** Width of the labels. */
  readonly labels: number;
  /** Where the shortest bar could begin, and how much room there is for the longest. */
  readonly start: number;
  readonly room: number;
  readonly lengths: Lengths;
  /** Whether the bars are parts of a whole, which is then drawn behind them. */
  readonly tracked: boolean;
}

/** A bar with its texts. */
interface Row {
  readonly bar: Bar;
  readonly label: readonly TextLine[];
  readonly value: TextLine;
}

function rowsOf(bars: readonly Bar[], max: number | undefined, { type, width }: Frame): readonly Piece[] {
  const negative = bars.some(({ value }) => value < 0);
  const valueRoom = width * (negative ? VALUES_BESIDE : VALUES);
  const rows = bars.map(
    (bar): Row => ({
      bar,
      label: type.lines(bar.label, { size: sizes.body }, width * LABELS, 2),
      value: type.line(bar.valueText, { size: sizes.body, weight: "bold" }, valueRoom),
    }),
  );
  const labels = widest(rows.flatMap(({ label }) => label));
  const values = widest(rows.map(({ value }) => value)) + GAP;
  const start = labels + GAP + 2 + (negative ? values : 0);
  const room = width - start - values;
  const amounts = bars.map(({ value }) => value);
  const lengths = lengthsOf(amounts, room, max);
  const columns = { labels, start, room, lengths, tracked: max !== undefined };
  return rows.map((row, index) => rowPiece(row, lengths.ends[index] ?? lengths.zero, columns));
}

const widest = (lines: readonly TextLine[]) => lines.reduce((width, line) => Math.max(width, line.width), 0);

/** A row whose bar goes from 0 to `end`, which counts from `columns.start`. */
function rowPiece(row: Row, end: number, columns: Columns): Piece {
  const lines = row.label.reduce((sum, line) => sum + line.height, 0);
  const height = Math.max(lines, THICKNESS) + APART;
  return {
    height,
    draw: (canvas, x, top) => {
      const middle = top + height / 2;
      let y = middle - lines / 2;
      for (const line of row.label) {
        if (line.direction === "rtl") canvas.text(line, x + columns.labels, y, colors.ink, "right");
        else canvas.text(line, x, y, colors.ink);
        y += line.height;
      }
      drawBar(canvas, row, end, columns, x + columns.start, middle);
      const zero = x + columns.start + columns.lengths.zero;
      canvas.line(zero, top, zero, top + height, { stroke: tones.neutral.fill, thickness: 0.75 });
    },
  };
}

function drawBar(
  canvas: Canvas,
  { bar, value }: Row,
  end: number,
  { room, lengths: { zero }, tracked }: Columns,
  start: number,
  middle: number,
): void {
  const top = middle - THICKNESS / 2;
  const length = Math.max(STUB, Math.abs(end - zero));
  const left = end < zero ? zero - length : zero;
  if (tracked) canvas.rect(start, top, room, THICKNESS, { fill: colors.pale });
  canvas.rect(start + left, top, length, THICKNESS, { fill: tones[bar.tone ?? "accent"].fill });
  const y = middle - value.height / 2;
  const right = tracked ? Math.max(room, left + length) : left + length;
  if (end < zero) canvas.text(value, start + left - BESIDE, y, colors.ink, "right");
  else canvas.text(value, start + right + BESIDE, y, colors.ink);
}

/** One chart, which no page cuts; when it is longer than that, the bars one by one. */
function charts(rows: readonly Piece[], frame: Frame): readonly Piece[] {
  const height = rows.reduce((sum, row) => sum + row.height, 0);
  if (height > frame.height * TALLEST) return rows;
  const draw: Piece["draw"] = (canvas, x, top) => {
    let y = top;
    for (const row of rows) {
      row.draw(canvas, x, y);
      y += row.height;
    }
  };
  return [{ height, draw }];
}
