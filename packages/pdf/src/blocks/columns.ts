import type { Cell, Column, Table } from "../document.ts";
import type { Frame } from "../layout/piece.ts";
import type { Style } from "../text/typesetter.ts";
import { sizes } from "../theme.ts";

/** Space on both sides of a cell's text, in points. */
export const BESIDE = 6;
export const CELL_STYLE: Style = { size: 8.5 };
export const HEADER_STYLE: Style = { size: sizes.small, weight: "bold" };

/** The part of a table that a column may take for its words beyond its share. */
const MOST_FOR_WORDS = 0.3;

/** A column and where it stands in its table, in points. */
export interface Place {
  readonly column: Column;
  readonly left: number;
  readonly width: number;
}

/** Columns by their shares of the width, but none so narrow that it breaks a word which others have room for. */
export function placesOf({ columns, rows }: Pick<Table, "columns" | "rows">, frame: Frame): readonly Place[] {
  const least = columns.map((column, index) =>
    Math.min(
      frame.width * MOST_FOR_WORDS,
      2 * BESIDE +
        rows.reduce(
          (widest, row) => Math.max(widest, wordWidth(row[index] ?? "", frame)),
          frame.type.widestWord(column.heading, HEADER_STYLE),
        ),
    ),
  );
  const shares = columns.map((column) => Math.max(column.width ?? 1, 0.1));
  const widths = shared(shares, least, frame.width);
  let right = 0;
  return columns.map((column, index) => {
    const width = widths[index] ?? 0;
    right += width;
    return { column, left: right - width, width };
  });
}

/** Space for a cell's text, in points. */
export function textWidth(place: Place): number {
  return Math.max(place.width - 2 * BESIDE, 1);
}

export function textOf(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

export function styleOf(cell: Cell): Style {
  return typeof cell === "string" ? CELL_STYLE : { ...CELL_STYLE, weight: "bold" };
}

function wordWidth(cell: Cell, { type }: Frame): number {
  return type.widestWord(textOf(cell), styleOf(cell));
}

/** Divides a width by shares; who would get less than the least gets that, and the others share what is left. */
function shared(shares: readonly number[], least: readonly number[], width: number): readonly number[] {
  const needed = sum(least);
  if (needed >= width) return least.map((own) => (own * width) / needed);
  const fixed = new Set<number>();
  for (;;) {
    const left = width - sum(least.filter((_, index) => fixed.has(index)));
    const all = sum(shares.filter((_, index) => !fixed.has(index)));
    const widths = shares.map((share, index) =>
      fixed.has(index) ? (least[index] ?? 0) : (left * share) / all,
    );
    const tooNarrow = widths.findIndex((own, index) => own < (least[index] ?? 0));
    if (tooNarrow < 0) return widths;
    fixed.add(tooNarrow);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
