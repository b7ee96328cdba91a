import type { Frame, Piece } from "../layout/piece.ts";
import { colors, sizes } from "../theme.ts";

/** What stands in the place of a chart that has nothing to show. */
export function nothing({ type, width }: Frame, sentence = "No data in this period."): Piece {
  const line = type.line(sentence, { size: sizes.body }, width);
  return { height: line.height, draw: (canvas, x, top) => canvas.text(line, x, top, colors.muted) };
}
