import type { Cell, Column, Table } from "../document.ts";
import type { LayoutContext } from "../layout/fragment.ts";
import type { TextStyle } from "../text/typesetter.ts";
import { sizes } from "../theme.ts";

/** Space on the left and on the right of a cell's text, in points. */
export const CELL_PADDING = 6;
export const HEADER_STYLE: TextStyle = { size: sizes.small, weight: "bold" };
export const CELL_STYLE: TextStyle = { size: 8.5 };

/** The part of a table's width that a column may take for its widest word beyond its share. */
const MAX_WORD_SHARE = 0.3;

/** A column and where it stands in its table, in points. */
export interface PlacedColumn {
  readonly column: Column;
  readonly left: number;
  readonly width: number;
  /** Available for the text of a cell. */
  readonly textWidth: number;
}

/** Columns by their shares of the width, but none so narrow that it breaks a word which others have space for. */
export function layoutColumns(
  { columns, rows }: Pick<Table, "columns" | "rows">,
  { typesetter, width: tableWidth }: LayoutContext,
): readonly PlacedColumn[] {
  const minWidths = columns.map((column, index) => {
    const words = rows.map((row) => {
      const cell = row[index] ?? "";
      return typesetter.widestWord(cellText(cell), cellStyle(cell));
    });
    const heading = typesetter.widestWord(column.heading, HEADER_STYLE);
    const widest = words.reduce((most, word) => Math.max(most, word), heading);
    return Math.min(tableWidth * MAX_WORD_SHARE, 2 * CELL_PADDING + widest);
  });
  const shares = columns.map((column) => Math.max(column.width ?? 1, 0.1));
  const widths = distributeWidth(shares, minWidths, tableWidth);
  let right = 0;
  return columns.map((column, index) => {
    const width = widths[index] ?? 0;
    right += width;
    return { column, left: right - width, width, textWidth: Math.max(width - 2 * CELL_PADDING, 1) };
  });
}

export function cellText(cell: Cell): string {
  return typeof cell === "string" ? cell : cell.text;
}

export function cellStyle(cell: Cell): TextStyle {
  return typeof cell === "string" ? CELL_STYLE : { ...CELL_STYLE, weight: "bold" };
}

/** Divides a width by shares. A column that would get less than its minimum gets that; the others share what is left. */
function distributeWidth(
  shares: readonly number[],
  minWidths: readonly number[],
  width: number,
): readonly number[] {
  const needed = sum(minWidths);
  if (needed >= width) return minWidths.map((min) => (min * width) / needed);
  const fixed = new Set<number>();
  for (;;) {
    const remaining = width - sum(minWidths.filter((_, index) => fixed.has(index)));
    const remainingShares = sum(shares.filter((_, index) => !fixed.has(index)));
    const widths = shares.map((share, index) =>
      fixed.has(index) ? (minWidths[index] ?? 0) : (remaining * share) / remainingShares,
    );
    const tooNarrow = widths.findIndex((each, index) => each < (minWidths[index] ?? 0));
    if (tooNarrow < 0) return widths;
    fixed.add(tooNarrow);
  }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
