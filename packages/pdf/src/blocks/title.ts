import type { Frame, Piece } from "../layout/piece.ts";
import { colors, gaps, sizes } from "../theme.ts";

/** The title of a block, if it has one: it stays with what stands under it. */
export function layTitle(title: string | undefined, { type, width }: Frame): readonly Piece[] {
  if (title === undefined) return [];
  const lines = type.lines(title, { size: sizes.blockTitle, weight: "bold" }, width, 2);
  return lines.map((line, index) => {
    const last = index === lines.length - 1;
    return {
      height: line.height + (last ? gaps.title : 0),
      keepWithNext: true,
      draw: (canvas, x, top) => canvas.text(line, x, top, colors.ink),
    };
  });
}
