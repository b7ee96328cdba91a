import type { Cell, Table } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import type { Frame, LayOut, Piece } from "../layout/piece.ts";
import type { TextLine } from "../text/typesetter.ts";
import { type Color, colors, tones } from "../theme.ts";
import {
  BESIDE,
  CELL_STYLE,
  HEADER_STYLE,
  type Place,
  placesOf,
  styleOf,
  textOf,
  textWidth,
} from "./columns.ts";
import { nothing } from "./nothing.ts";
import { layTitle } from "./title.ts";

/** Space above and below a cell's text, in points. */
const ABOVE = 3.5;
/** A cell has at most so many lines. */
const MOST_LINES = 3;

/** So few rows stay together: two of four would be lost on a page of their own. */
const FEW = 6;

/** Whether a row stays with the next one: none stands alone, before the others or after them. */
const isKept = (index: number, count: number) =>
  index < count - 1 && (count <= FEW || index === 0 || index === count - 2);

/** Rows under a header that each page repeats; a row is never cut. */
export const layTable: LayOut<Table> = (table, frame) => {
  if (table.columns.length === 0) return [];
  if (table.rows.length === 0)
    return [...layTitle(table.title, frame), nothing(frame, "There is nothing to list.")];
  const places = placesOf(table, frame);
  const header = headerOf(places, frame);
  const rows = table.rows.map((cells, index) => rowOf(cells, index, places, frame));
  const more = table.more === undefined || table.more <= 0 ? [] : [moreOf(table.more, frame)];
  const body = [...rows, ...more].map((piece, index, all) => ({
    ...(index === rows.length - 1 ? underlined(piece, frame) : piece),
    header,
    keepWithNext: isKept(index, all.length),
  }));
  return [...layTitle(table.title, frame), { ...header, keepWithNext: true }, ...body];
};

function headerOf(places: readonly Place[], { type, width }: Frame): Piece {
  const cells = places.map((place) => type.lines(place.column.heading, HEADER_STYLE, textWidth(place), 2));
  const height = heightOf(cells);
  return {
    height,
    draw: (canvas, x, top) => {
      for (const [index, place] of places.entries()) {
        const lines = cells[index] ?? [];
        drawCell(canvas, place, lines, colors.brand, x, top + height - heightOf([lines]));
      }
      canvas.line(x, top + height, x + width, top + height, { stroke: colors.brand, thickness: 1 });
    },
  };
}

function rowOf(
  cells: readonly Cell[],
  index: number,
  places: readonly Place[],
  { type, width }: Frame,
): Piece {
  const set = places.map((place, column) => {
    const cell = cells[column] ?? "";
    const lines = type.lines(textOf(cell), styleOf(cell), textWidth(place), MOST_LINES);
    return { place, lines, color: typeof cell === "string" ? colors.ink : tones[cell.tone].text };
  });
  const height = heightOf(set.map(({ lines }) => lines));
  return {
    height,
    draw: (canvas, x, top) => {
      if (index % 2 === 1) canvas.rect(x, top, width, height, { fill: colors.pale });
      for (const { place, lines, color } of set) drawCell(canvas, place, lines, color, x, top);
    },
  };
}

function underlined(row: Piece, { width }: Frame): Piece {
  return {
    height: row.height,
    draw: (canvas, x, top) => {
      row.draw(canvas, x, top);
      const bottom = top + row.height;
      canvas.line(x, bottom, x + width, bottom, { stroke: colors.rule, thickness: 0.75 });
    },
  };
}

function moreOf(more: number, { type, width }: Frame): Piece {
  const count = more.toLocaleString("en");
  const line = type.line(`and ${count} more`, CELL_STYLE, width - 2 * BESIDE);
  return {
    height: heightOf([[line]]),
    draw: (canvas, x, top) => canvas.text(line, x + BESIDE, top + ABOVE, colors.muted),
  };
}

function drawCell(
  canvas: Canvas,
  { column, left, width }: Place,
  lines: readonly TextLine[],
  color: Color,
  x: number,
  top: number,
): void {
  let y = top + ABOVE;
  for (const line of lines) {
    if (column.align === "right") canvas.text(line, x + left + width - BESIDE, y, color, "right");
    else canvas.text(line, x + left + BESIDE, y, color);
    y += line.height;
  }
}

/** Of a row: that of its highest cell. */
function heightOf(cells: readonly (readonly TextLine[])[]): number {
  const heights = cells.map((lines) => lines.reduce((sum, line) => sum + line.height, 0));
  return Math.max(0, ...heights) + 2 * ABOVE;
}
