import type { Tile, Tiles } from "../document.ts";
import type { Fragment, Layout, LayoutContext } from "../layout/fragment.ts";
import { gridColumns, gridRows, MIN_COLUMN_WIDTH } from "../layout/grid.ts";
import type { Tag } from "../layout/structure.ts";
import type { TextLine, Typesetter } from "../text/typesetter.ts";
import { CORNER_RADIUS, colors, sizes, tones } from "../theme.ts";
import { drawStatusIcon, hasStatusIcon, ICON_SIZE } from "./status-icon.ts";
import { linesHeight } from "./text.ts";

const GAP = 10;
const PADDING = 10;
const VALUE_HEIGHT = sizes.tileValue * 1.3;
/** Values are printed no smaller than this while wider tiles, fewer in a row, are possible. */
const MIN_VALUE_SIZE = 7;
/** Words as a value, such as a name, stand on two lines where they would be smaller than this. */
const MIN_WORD_SIZE = 9;
/** Two such lines are as high as a figure. */
const MAX_VALUE_LINES = 2;
/** A figure's sample, its range and its change take as many in a narrow tile. */
const MAX_NOTE_LINES = 6;

/** Height of figures and capitals, as a part of their size. */
const CAP_HEIGHT = 0.73;

/** Key figures side by side, in rows of equal height, which rather stay on one page. */
export const layoutTiles: Layout<Tiles> = ({ tiles }, context) => {
  const columns = gridColumns(tiles.length, context.width, GAP, minTileWidth(tiles, context));
  const tileWidth = (context.width - GAP * (columns - 1)) / columns;
  const list: Tag = { type: "L", parent: context.tag };
  return gridRows(tiles, columns).map((row, index, rows) => {
    const { height, draw } = layoutRow(row, tileWidth, list, context);
    // A part of the row: unlike space before it, it is always as wide as that between columns.
    const gap = index > 0 ? GAP : 0;
    return {
      height: gap + height,
      keepWithNext: index < rows.length - 1 ? "rather" : false,
      draw: (canvas, x, top) => draw(canvas, x, top + gap),
    };
  });
};

/** So wide that each figure can be read. */
function minTileWidth(tiles: readonly Tile[], { typesetter, width }: LayoutContext): number {
  const numbers = tiles.map(({ value }) =>
    typesetter.widestNumber(value, { size: MIN_VALUE_SIZE, weight: "bold" }),
  );
  return Math.min(width / 2, Math.max(MIN_COLUMN_WIDTH, ...numbers.map((number) => number + 2 * PADDING)));
}

/** A tile whose texts are measured. */
interface MeasuredTile {
  readonly label: readonly TextLine[];
  readonly value: readonly TextLine[];
  readonly note: readonly TextLine[];
  readonly tone: Tile["tone"];
}

/** All labels of a row begin at the same height, so do all values and all notes. */
function layoutRow(row: readonly Tile[], width: number, list: Tag, { typesetter }: LayoutContext): Fragment {
  const tiles = row.map((tile) => measureTile(tile, width - PADDING * 2, typesetter));
  const labelHeight = Math.max(...tiles.map(({ label }) => linesHeight(label)));
  const noteHeight = Math.max(...tiles.map(({ note }) => linesHeight(note)));
  const height = PADDING * 2 + labelHeight + 2 + VALUE_HEIGHT + (noteHeight > 0 ? noteHeight + 1 : 0);
  return {
    height,
    draw: (canvas, x, top) => {
      for (const [column, { label, value, note, tone }] of tiles.entries()) {
        const left = x + column * (width + GAP);
        canvas.rect(left, top, width, height, { fill: colors.pale }, CORNER_RADIUS);
        const inner = left + PADDING;
        const valueTop = top + PADDING + labelHeight + 2;
        const item: Tag = { type: "LI", parent: list };
        canvas.tag({ type: "Lbl", parent: item }, () => {
          let y = top + PADDING;
          for (const line of label) {
            canvas.text(line, inner, y, colors.muted);
            y += line.height;
          }
        });
        canvas.tag({ type: "LBody", parent: item }, () => {
          let y = valueTop + (VALUE_HEIGHT - linesHeight(value)) / 2 + baselineShift(value);
          for (const line of value) {
            canvas.text(line, inner, y, colors.ink);
            y += line.height;
          }
          y = valueTop + VALUE_HEIGHT + 1;
          for (const [index, line] of note.entries()) {
            if (index === 0 && hasStatusIcon(tone))
              drawStatusIcon(canvas, tone, inner, y + (line.height - ICON_SIZE) / 2);
            canvas.text(line, inner + noteIndent(tone), y, tones[tone ?? "neutral"].text);
            y += line.height;
          }
        });
      }
    },
  };
}

/** Moves a smaller value down to the baseline of the others in its row. */
const baselineShift = ([first, second]: readonly TextLine[]) =>
  first && !second ? ((sizes.tileValue - first.size) * CAP_HEIGHT) / 2 : 0;

const noteIndent = (tone: Tile["tone"]) => (hasStatusIcon(tone) ? ICON_SIZE + 3 : 0);

const measureTile = (
  { label, value, note, tone }: Tile,
  width: number,
  typesetter: Typesetter,
): MeasuredTile => ({
  label: typesetter.lines(label, { size: sizes.small }, width, 3),
  value: fitValue(value, width, typesetter),
  note:
    note === undefined
      ? []
      : typesetter.lines(note, { size: sizes.small }, width - noteIndent(tone), MAX_NOTE_LINES),
  tone,
});

/** A value that is too wide is printed in a smaller font; the typesetter goes on where it is a figure. */
function fitValue(value: string, width: number, typesetter: Typesetter): readonly TextLine[] {
  const full = typesetter.line(value, { size: sizes.tileValue, weight: "bold" });
  if (full.width <= width) return [full];
  const fitting = Math.floor(((sizes.tileValue * width) / full.width) * 10) / 10;
  if (fitting >= MIN_WORD_SIZE) return [typesetter.line(value, { size: fitting, weight: "bold" }, width)];
  return typesetter.lines(value, { size: MIN_WORD_SIZE, weight: "bold" }, width, MAX_VALUE_LINES);
}
