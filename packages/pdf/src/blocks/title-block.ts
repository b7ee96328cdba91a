import type { Document, Fact } from "../document.ts";
import type { Canvas } from "../layout/canvas.ts";
import type { Fragment, LayoutContext } from "../layout/fragment.ts";
import { gridRows } from "../layout/grid.ts";
import type { Tag } from "../layout/structure.ts";
import type { TextLine } from "../text/typesetter.ts";
import { colors, sizes } from "../theme.ts";
import { layoutHeading, linesHeight } from "./text.ts";

const COLUMN_GAP = 18;
const ROW_GAP = 9;
const BELOW_RULE = 10;

/** The head of the first page: title, subtitle and, under a rule, the facts. */
export function layoutTitleBlock(document: Document, context: LayoutContext): readonly Fragment[] {
  const { typesetter, width } = context;
  const subtitle = document.subtitle
    ? typesetter.lines(document.subtitle, { size: sizes.subtitle }, width, 3)
    : [];
  return [
    ...layoutHeading(titleLines(document.title, context), colors.ink, 0, { type: "H1" }),
    ...layoutHeading(subtitle, colors.muted, 3, { type: "P" }),
    layoutFacts(document.facts, context),
  ];
}

/** In a smaller font where the title is long. */
function titleLines(title: string, { typesetter, width }: LayoutContext): readonly TextLine[] {
  const large = typesetter.lines(title, { size: sizes.title, weight: "bold" }, width, 3);
  return large.length < 3
    ? large
    : typesetter.lines(title, { size: sizes.longTitle, weight: "bold" }, width, 4);
}

/** A fact whose texts are measured: its label stands above its value. */
interface MeasuredFact {
  readonly label: TextLine;
  readonly value: readonly TextLine[];
}

function layoutFacts(facts: readonly Fact[], { typesetter, width, accent }: LayoutContext): Fragment {
  const columns = factColumns(facts.length);
  const columnStep = (width + COLUMN_GAP) / columns;
  const measured = facts.map((fact) => ({
    label: typesetter.line(fact.label, { size: sizes.small }, columnStep - COLUMN_GAP),
    value: typesetter.lines(fact.value, { size: sizes.body }, columnStep - COLUMN_GAP, 4),
  }));
  const rows = gridRows(measured, columns).map((row) => ({
    row,
    height: ROW_GAP + Math.max(...row.map(factHeight)),
  }));
  const list: Tag = { type: "L" };
  return {
    spaceBefore: 14,
    height: BELOW_RULE + rows.reduce((sum, { height }) => sum + height, 0),
    draw: (canvas, x, top) => {
      canvas.line(x, top, x + width, top, { stroke: accent, thickness: 1.5 });
      let y = top + BELOW_RULE;
      for (const { row, height } of rows) {
        for (const [column, fact] of row.entries()) drawFact(canvas, fact, x + column * columnStep, y, list);
        y += height;
      }
    },
  };
}

/** Two or four facts fill rows of two; others stand in rows of three. */
const factColumns = (count: number) => (count === 2 || count === 4 ? 2 : 3);

const factHeight = ({ label, value }: MeasuredFact) => label.height + linesHeight(value);

function drawFact(canvas: Canvas, { label, value }: MeasuredFact, x: number, top: number, list: Tag): void {
  const item: Tag = { type: "LI", parent: list };
  canvas.tag({ type: "Lbl", parent: item }, () => canvas.text(label, x, top, colors.muted));
  canvas.tag({ type: "LBody", parent: item }, () => {
    let y = top + label.height;
    for (const line of value) {
      canvas.text(line, x, y, colors.ink);
      y += line.height;
    }
  });
}
