import type { Document, Fact } from "../document.ts";
import type { TextLine } from "../text/typesetter.ts";
import { type Color, colors, sizes } from "../theme.ts";
import type { Canvas } from "./canvas.ts";
import type { Frame, Piece } from "./piece.ts";

const BETWEEN_COLUMNS = 18;
const BETWEEN_ROWS = 9;
const UNDER_RULE = 10;

/** A fact as it is set: its label above its value. */
interface SetFact {
  readonly label: TextLine;
  readonly value: readonly TextLine[];
}

/** The head of the first page: title, subtitle and, under a rule, the facts. */
export function coverOf(document: Document, frame: Frame): readonly Piece[] {
  const { type, width } = frame;
  const title = titleOf(document.title, frame);
  const subtitle = document.subtitle ? type.lines(document.subtitle, { size: sizes.subtitle }, width, 3) : [];
  return [
    ...title.map((line) => headLine(line, colors.ink, 0)),
    ...subtitle.map((line, index) => headLine(line, colors.muted, index === 0 ? 3 : 0)),
    factsOf(document.facts, frame),
  ];
}

/** Set smaller where it is long. */
function titleOf(title: string, { type, width }: Frame): readonly TextLine[] {
  const large = type.lines(title, { size: sizes.title, weight: "bold" }, width, 3);
  return large.length < 3 ? large : type.lines(title, { size: sizes.longTitle, weight: "bold" }, width, 4);
}

function headLine(line: TextLine, color: Color, gap: number): Piece {
  return {
    height: line.height,
    gap,
    keepWithNext: true,
    draw: (canvas, x, top) => canvas.text(line, x, top, color),
  };
}

function factsOf(facts: readonly Fact[], { type, width }: Frame): Piece {
  const columns = columnsFor(facts.length);
  const step = (width + BETWEEN_COLUMNS) / columns;
  const set = facts.map((fact) => ({
    label: type.line(fact.label, { size: sizes.small }, step - BETWEEN_COLUMNS),
    value: type.lines(fact.value, { size: sizes.body }, step - BETWEEN_COLUMNS, 4),
  }));
  const rows = Array.from({ length: Math.ceil(set.length / columns) }, (_, row) =>
    set.slice(row * columns, (row + 1) * columns),
  );
  const heights = rows.map((row) => BETWEEN_ROWS + Math.max(...row.map(heightOf)));
  return {
    gap: 14,
    height: UNDER_RULE + heights.reduce((sum, height) => sum + height, 0),
    draw: (canvas, x, top) => {
      canvas.line(x, top, x + width, top, { stroke: colors.brand, thickness: 1.5 });
      let y = top + UNDER_RULE;
      for (const [row, cells] of rows.entries()) {
        for (const [column, fact] of cells.entries()) drawFact(canvas, fact, x + column * step, y);
        y += heights[row] ?? 0;
      }
    },
  };
}

/** As many side by side as leave no gap in the last row, where that is possible. */
function columnsFor(count: number): number {
  if (count === 2 || count === 4) return 2;
  return 3;
}

function heightOf({ label, value }: SetFact): number {
  return label.height + value.reduce((sum, line) => sum + line.height, 0);
}

function drawFact(canvas: Canvas, { label, value }: SetFact, x: number, top: number): void {
  canvas.text(label, x, top, colors.muted);
  let y = top + label.height;
  for (const line of value) {
    canvas.text(line, x, y, colors.ink);
    y += line.height;
  }
}
