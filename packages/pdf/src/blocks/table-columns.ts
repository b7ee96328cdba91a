import type { Cell, Column, Table } from "../document.ts";
import type { LayoutContext } from "../layout/fragment.ts";
import type { TextStyle } from "../text/typesetter.ts";
import { sizes } from "../theme.ts";

/** Space on the left and on the right of a cell's text, in points. */
export const CELL_PADDING = 6;
export const HEADER_STYLE: TextStyle = { size: sizes.small, weight: "bold" };
export const CELL_STYLE: TextStyle = { size: 8.5 };

/** Words of no more letters together are not broken apart either: `Not scored`. */
const MAX_WHOLE_LENGTH = 12;
const isWhole = (text: string) => text.length <= MAX_WHOLE_LENGTH && text.includes(" ");

/**
 * The part of a table's width that a column may take for its widest word beyond its share: longer ones are broken, so
 * that a single one does not make all other columns narrow.
 */
const MAX_WORD_SHARE = 0.2;
/** The same for its widest number, which is not broken. */
const MAX_NUMBER_SHARE = 0.3;

/** A column and where it stands in its table, in points. */
export interface PlacedColumn {
  readonly column: Column;
  readonly left: number;
  readonly width: number;
  /** Available for the text of a cell. */
  readonly textWidth: number;
}

/** What words have in a column where numbers need the space, in points. */
const MIN_WORDS_WIDTH = 30;

/**
 * Columns by their shares of the width, but none so narrow that it breaks a word which others have space for. Numbers
 * and headings come first: where there is not enough for all, words are broken.
 */
export function layoutColumns(
  { columns, rows }: Pick<Table, "columns" | "rows">,
  { typesetter, width: tableWidth }: LayoutContext,
): readonly PlacedColumn[] {
  const widest = (index: number, measure: (text: string, style: TextStyle) => number) =>
    rows.reduce(
      (most, { [index]: cell = "" }) => Math.max(most, measure(cellText(cell), cellStyle(cell))),
      0,
    );
  const longest = tableWidth * MAX_WORD_SHARE;
  const needed: number[] = [];
  const wanted: number[] = [];
  for (const [index, { heading }] of columns.entries()) {
    const headed = Math.min(longest, typesetter.widestWord(heading, HEADER_STYLE));
    const number = Math.max(
      typesetter.widestNumber(heading, HEADER_STYLE),
      widest(index, typesetter.widestNumber),
    );
    const word = widest(index, (text, style) =>
      isWhole(text) ? typesetter.line(text, style).width : typesetter.widestWord(text, style),
    );
    const least = 2 * CELL_PADDING + Math.max(headed, number === 0 ? MIN_WORDS_WIDTH : number);
    needed.push(Math.min(tableWidth * MAX_NUMBER_SHARE, least));
    wanted.push(Math.max(needed[index] ?? 0, 2 * CELL_PADDING + Math.min(longest, word)));
  }
  const shares = columns.map((column) => Math.max(column.width ?? 1, 0.1));
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
