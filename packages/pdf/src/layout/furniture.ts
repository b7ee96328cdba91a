import type { Document } from "../document.ts";
import type { Typesetter } from "../text/typesetter.ts";
import { colors, sizes } from "../theme.ts";
import type { Canvas } from "./canvas.ts";
import { margins, paperOf } from "./paper.ts";

const STRIP = 7;
const FOOTER_ABOVE_EDGE = 40;

/** What each page has besides its content: a strip of the brand's color, the footer and the page's number. */
export function drawFurniture(
  canvas: Canvas,
  document: Document,
  type: Typesetter,
  page: { readonly number: number; readonly of: number },
): void {
  const { width, height } = paperOf(document);
  const style = { size: sizes.small };
  const top = height - FOOTER_ABOVE_EDGE;
  const right = width - margins.side;
  canvas.rect(0, 0, width, page.number === 1 ? STRIP : STRIP / 2, { fill: colors.brand });
  canvas.line(margins.side, top, right, top, { stroke: colors.rule, thickness: 0.75 });
  const number = type.line(`${page.number} / ${page.of}`, style);
  const room = width - 2 * margins.side - number.width - 24;
  canvas.text(type.line(document.footer, style, room), margins.side, top + 6, colors.muted);
  canvas.text(number, right, top + 6, colors.muted, "right");
}
