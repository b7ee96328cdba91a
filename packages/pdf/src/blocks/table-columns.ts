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

/** What a column of words keeps for itself where numbers need the space, in points. */
const MIN_WORDS_WIDTH = 2 * CELL_PADDING + 30;

/**
 * Columns by their shares of the width, but none so narrow that it breaks a word which others have space for. Numbers
 * come first: where there is not enough for all, words are broken.
 */
export function layoutColumns(
  { columns, rows }: Pick<Table, "columns" | "rows">,
  { typesetter, width: tableWidth }: LayoutContext,
): readonly PlacedColumn[] {
  const widestIn = (index: number, heading: string, measure: "widestWord" | "widestNumber") =>
    rows.reduce(
      (most, row) => {
        const cell = row[index] ?? "";
        return Math.max(most, typesetter[measure](cellText(cell), cellStyle(cell)));
      },
      typesetter[measure](heading, HEADER_STYLE),
    );
  const atMost = tableWidth * MAX_WORD_SHARE;
  const minWidths = columns.map(({ heading }, index) => {
    const number = widestIn(index, heading, "widestNumber");
    const word = widestIn(index, heading, "widestWord");
    return {
      word: Math.min(atMost, 2 * CELL_PADDING + word),
      number: Math.min(atMost, number === 0 ? MIN_WORDS_WIDTH : 2 * CELL_PADDING + number),
    };
  });
  const shares = columns.map((column) => Math.max(column.width ?? 1, 0.1));
  const wanted = minWidths.map(({ word }) => word);
  const needed = minWidths.map(({ word, number }) => Math.min(word, number));
  const widths =
    sum(wanted) < tableWidth
      ? distributeWidth(shares, wanted, tableWidth)
      : squeeze(wanted, needed, tableWidth);
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

/** Takes from each column what is missing: what it has beyond its need in proportion, as long as there is some. */
function squeeze(wanted: readonly number[], needed: readonly number[], width: number): readonly number[] {
  const [most, least] = [sum(wanted), sum(needed)];
  if (least >= width) return needed.map((need) => (need * width) / least);
  const part = most === least ? 1 : (width - least) / (most - least);
  return needed.map((need, index) => need + ((wanted[index] ?? 0) - need) * part);
}

/**
 * Divides a width by shares. A column that would get less than its minimum gets that; the others share what is left.
 * All minimums together are less than the width.
 */
function distributeWidth(
  shares: readonly number[],
  minWidths: readonly number[],
  width: number,
): readonly number[] {
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
