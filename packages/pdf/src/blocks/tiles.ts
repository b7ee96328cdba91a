import type { Tile, Tiles } from "../document.ts";
import type { Frame, LayOut, Piece } from "../layout/piece.ts";
import type { TextLine, Typesetter } from "../text/typesetter.ts";
import { colors, RADIUS, sizes, tones } from "../theme.ts";
import { columnsFor, rowsOf } from "./geometry/columns.ts";
import { drawMark, hasMark, MARK } from "./tone-mark.ts";

const GAP = 10;
const PADDING = 10;
/** Figures are never set smaller than this; what is still too wide is cut. */
const SMALLEST = 9;
/** Height of figures and capitals, as a part of their size. */
const CAPITALS = 0.73;

/** Key figures side by side, in rows of equal height. A page may end between rows. */
export const layTiles: LayOut<Tiles> = ({ tiles }, frame) => {
  const columns = columnsFor(tiles.length, frame.width, GAP);
  const width = (frame.width - GAP * (columns - 1)) / columns;
  return rowsOf(tiles, columns).map((row, index) => ({
    ...rowPiece(row, width, frame),
    ...(index > 0 ? { gap: GAP } : {}),
  }));
};

interface SetTile {
  readonly label: readonly TextLine[];
  readonly value: TextLine;
  readonly note: readonly TextLine[];
  readonly tone: Tile["tone"];
}

const heightOf = (lines: readonly TextLine[]) => lines.reduce((sum, line) => sum + line.height, 0);

/** All labels of a row begin at the same height, so do all figures and all notes. */
function rowPiece(row: readonly Tile[], width: number, { type }: Frame): Piece {
  const set = row.map((tile) => setTile(tile, width - PADDING * 2, type));
  const labels = Math.max(...set.map(({ label }) => heightOf(label)));
  const values = sizes.figure * 1.3;
  const notes = Math.max(...set.map(({ note }) => heightOf(note)));
  const height = PADDING * 2 + labels + 2 + values + (notes > 0 ? notes + 1 : 0);
  return {
    height,
    draw: (canvas, x, top) => {
      for (const [column, { label, value, note, tone }] of set.entries()) {
        const left = x + column * (width + GAP);
        canvas.rect(left, top, width, height, { fill: colors.pale }, RADIUS);
        const inner = left + PADDING;
        let y = top + PADDING;
        for (const line of label) {
          canvas.text(line, inner, y, colors.muted);
          y += line.height;
        }
        y = top + PADDING + labels + 2;
        canvas.text(value, inner, y + (values - value.height) / 2 + lowered(value), colors.ink);
        y += values + 1;
        for (const [index, line] of note.entries()) {
          if (index === 0 && hasMark(tone)) drawMark(canvas, tone, inner, y + (line.height - MARK) / 2);
          canvas.text(line, inner + indentOf(tone), y, tones[tone ?? "neutral"].text);
          y += line.height;
        }
      }
    },
  };
}

/** What brings a smaller figure down to the line on which the others of its row stand. */
const lowered = ({ size }: TextLine) => ((sizes.figure - size) * CAPITALS) / 2;

const indentOf = (tone: Tile["tone"]) => (hasMark(tone) ? MARK + 3 : 0);

const setTile = ({ label, value, note, tone }: Tile, width: number, type: Typesetter): SetTile => ({
  label: type.lines(label, { size: sizes.small }, width, 3),
  value: shrunk(value, width, type),
  note: note === undefined ? [] : type.lines(note, { size: sizes.small }, width - indentOf(tone), 3),
  tone,
});

function shrunk(value: string, width: number, type: Typesetter): TextLine {
  const full = type.line(value, { size: sizes.figure, weight: "bold" });
  if (full.width <= width) return full;
  const size = Math.max(SMALLEST, Math.floor(((sizes.figure * width) / full.width) * 10) / 10);
  return type.line(value, { size, weight: "bold" }, width);
}
