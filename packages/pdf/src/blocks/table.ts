import type { Color } from "@success-manager/contract/color";
import type { Cell, Table } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import type { Fragment, Layout, LayoutContext } from "../layout/fragment.ts";
import type { Tag } from "../layout/structure.ts";
import type { TextLine } from "../text/typesetter.ts";
import { colors, tones } from "../theme.ts";
import { fill } from "../words.ts";
import { formatNumber } from "./scale.ts";
import {
  CELL_PADDING,
  CELL_STYLE,
  cellStyle,
  cellText,
  HEADER_STYLE,
  layoutColumns,
  type PlacedColumn,
} from "./table-columns.ts";
import { emptyNote, layoutTitle, linesHeight, linesWidth } from "./text.ts";

/** Space above and below a cell's text, in points. */
const ROW_PADDING = 3.5;
/** Longer cells are truncated: the longest names of companies in a registry take four lines. */
const MAX_CELL_LINES = 4;

/** A table of so few rows rather stays together: two of four would be lost on a page of their own. */
const SHORT_TABLE_ROWS = 8;

/** Whether a row stays with the next one: neither the first nor the last row stands alone on a page. */
function keptWithNext(index: number, count: number): Fragment["keepWithNext"] {
  if (index === count - 1) return false;
  return index === 0 || index === count - 2 || (count <= SHORT_TABLE_ROWS && "rather");
}

/** Rows under a header that each page repeats; a row is never cut. */
export const layoutTable: Layout<Table> = (table, context) => {
  if (table.columns.length === 0) return [];
  const title = layoutTitle(table.title, context);
  if (table.rows.length === 0) return [...title, emptyNote(context, context.words.nothingToList)];
  const columns = layoutColumns(table, context);
  const inTable = { ...context, tag: { type: "Table", parent: context.tag } } as const;
  const header = layoutHeader(columns, inTable);
  const rows = table.rows.map((cells, index) => layoutRow(cells, index, columns, inTable));
  const omitted =
    table.more === undefined || table.more <= 0 ? [] : [layoutOmitted(table.more, table.moreNote, context)];
  const body = [...rows, ...omitted].map((fragment, index, all) => ({
    ...(index === rows.length - 1 ? withRuleBelow(fragment, context) : fragment),
    header,
    keepWithNext: keptWithNext(index, all.length),
  }));
  return [...title, { ...header, keepWithNext: true }, ...body];
};

function layoutHeader(
  columns: readonly PlacedColumn[],
  { typesetter, width, accent, tag: parent }: LayoutContext,
): Fragment {
  const cells = columns.map((place, index) => {
    const lines = typesetter.lines(place.column.heading, HEADER_STYLE, place.textWidth, 2);
    // Who has a cell read to them hears its heading: where none is printed, the column's number.
    return { place, lines, alt: linesWidth(lines) === 0 ? `${index + 1}` : undefined };
  });
  const height = rowHeight(cells);
  return {
    height,
    draw: (canvas, x, top) => {
      const row: Tag = { type: "TR", parent };
      for (const cell of cells) {
        const cellTop = top + height - rowHeight([cell]);
        canvas.tag({ type: "TH", scope: "Column", parent: row, alt: cell.alt }, () =>
          drawCell(canvas, cell.place, cell.lines, accent, x, cellTop),
        );
      }
      canvas.line(x, top + height, x + width, top + height, { stroke: accent, thickness: 1 });
    },
  };
}

function layoutRow(
  row: readonly Cell[],
  index: number,
  columns: readonly PlacedColumn[],
  { typesetter, width, tag: parent }: LayoutContext,
): Fragment {
  const cells = columns.map((place, column) => {
    const cell = row[column] ?? "";
    const lines = typesetter.lines(cellText(cell), cellStyle(cell), place.textWidth, MAX_CELL_LINES);
    return { place, lines, color: typeof cell === "string" ? colors.ink : tones[cell.tone].text };
  });
  const height = rowHeight(cells);
  return {
    height,
    draw: (canvas, x, top) => {
      if (index % 2 === 1) canvas.rect(x, top, width, height, { fill: colors.pale });
      const tag: Tag = { type: "TR", parent };
      for (const [column, { place, lines, color }] of cells.entries()) {
        // The first cell says what the row is about, such as a customer.
        const cell: Tag =
          column === 0 ? { type: "TH", scope: "Row", parent: tag } : { type: "TD", parent: tag };
        canvas.tag(cell, () => drawCell(canvas, place, lines, color, x, top));
      }
    },
  };
}

function withRuleBelow(row: Fragment, { width }: LayoutContext): Fragment {
  return {
    height: row.height,
    draw: (canvas, x, top) => {
      row.draw(canvas, x, top);
      const bottom = top + row.height;
      canvas.line(x, bottom, x + width, bottom, { stroke: colors.rule, thickness: 0.75 });
    },
  };
}

/** Says how many rows are left out. */
function layoutOmitted(
  count: number,
  note: string | undefined,
  { typesetter, width, tag: parent, locale, words }: LayoutContext,
): Fragment {
  const line = typesetter.line(
    note ?? fill(words.moreRows, { count: formatNumber(count, { locale }) }),
    CELL_STYLE,
    width - 2 * CELL_PADDING,
  );
  return {
    height: rowHeight([{ lines: [line] }]),
    draw: (canvas, x, top) =>
      canvas.tag({ type: "P", parent }, () =>
        canvas.text(line, x + CELL_PADDING, top + ROW_PADDING, colors.muted),
      ),
  };
}

function drawCell(
  canvas: Canvas,
  { column, left, width }: PlacedColumn,
  lines: readonly TextLine[],
  color: Color,
  x: number,
  top: number,
): void {
  let y = top + ROW_PADDING;
  for (const line of lines) {
    if (column.align === "right") canvas.text(line, x + left + width - CELL_PADDING, y, color, "right");
    else canvas.text(line, x + left + CELL_PADDING, y, color);
    y += line.height;
  }
}

/** A row is as high as its highest cell. */
function rowHeight(cells: readonly { readonly lines: readonly TextLine[] }[]): number {
  return Math.max(0, ...cells.map(({ lines }) => linesHeight(lines))) + 2 * ROW_PADDING;
}
