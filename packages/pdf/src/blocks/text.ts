import type { Text } from "../document.ts";
import type { LayOut } from "../layout/piece.ts";
import { colors, sizes } from "../theme.ts";

/** Lines are not longer than this, in points: longer ones are hard to read. */
const WIDEST = 440;

/** A paragraph. Neither its first nor its last line stands alone on a page. */
export const layText: LayOut<Text> = ({ text, muted }, { type, width }) => {
  const size = muted ? sizes.small : sizes.body;
  const measure = Math.min(width, WIDEST);
  const lines = type.lines(text, { size }, measure);
  return lines.map((line, index) => ({
    height: line.height,
    keepWithNext: lines.length > 1 && (index === 0 || index === lines.length - 2),
    draw: (canvas, x, top) => {
      const color = muted ? colors.muted : colors.ink;
      if (line.direction === "rtl") canvas.text(line, x + width, top, color, "right");
      else canvas.text(line, x, top, color);
    },
  }));
};
