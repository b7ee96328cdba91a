import type { Document } from "../document.ts";
import type { Typesetter } from "../text/typesetter.ts";
import { colors, sizes } from "../theme.ts";
import { fill, wordsOf } from "../words.ts";
import type { Canvas } from "./canvas.ts";

/** In points. */
export interface PageSize {
  readonly width: number;
  readonly height: number;
}

export const PAGE_SIZES: Readonly<Record<Document["paper"], PageSize>> = {
  a4: { width: 595.28, height: 841.89 },
  letter: { width: 612, height: 792 },
};

/** In points. */
export const margins = { side: 50, top: 48, bottom: 62 } as const;

const HEADER_STRIP = 7;
/** From the footer's rule to the lower edge of the page. */
const FOOTER_HEIGHT = 40;

/** From its first line to the footnote. */
const FOOTNOTE_LINE = 10;

/** Of a logo: between the strip and the title. */
const LOGO = { width: 150, height: 24, top: 15 };

/** Who prints, on the right above the title. */
function drawBrand(canvas: Canvas, { paper, brand }: Document, typesetter: Typesetter): void {
  if (!brand) return;
  const right = PAGE_SIZES[paper].width - margins.side;
  const { logo } = brand;
  if (!logo) {
    const name = typesetter.line(brand.name, { size: sizes.body, weight: "bold" }, LOGO.width * 2);
    canvas.text(name, right, LOGO.top + (LOGO.height - name.height) / 2, brand.color, "right");
    return;
  }
  const scale = Math.min(LOGO.width / logo.width, LOGO.height / logo.height);
  const [width, height] = [logo.width * scale, logo.height * scale];
  canvas.logo(right - width, LOGO.top + (LOGO.height - height) / 2, width, height);
}

/** A strip of the brand's color at the top of a page; at its foot, the document's footer and the page's number. */
export function drawHeaderAndFooter(
  canvas: Canvas,
  document: Document,
  typesetter: Typesetter,
  page: { readonly number: number; readonly count: number },
): void {
  const { width, height } = PAGE_SIZES[document.paper];
  const style = { size: sizes.small };
  const top = height - FOOTER_HEIGHT;
  const right = width - margins.side;
  const strip = page.number === 1 ? HEADER_STRIP : HEADER_STRIP / 2;
  canvas.rect(0, 0, width, strip, { fill: document.brand?.color ?? colors.brand });
  if (page.number === 1) drawBrand(canvas, document, typesetter);
  canvas.line(margins.side, top, right, top, { stroke: colors.rule, thickness: 0.75 });
  const number = typesetter.line(fill(wordsOf(document).page, page), style);
  const available = width - 2 * margins.side - number.width - 24;
  canvas.text(typesetter.line(document.footer, style, available), margins.side, top + 6, colors.muted);
  canvas.text(number, right, top + 6, colors.muted, "right");
  if (document.footnote)
    canvas.text(
      typesetter.line(document.footnote, style, width - 2 * margins.side),
      margins.side,
      top + 6 + FOOTNOTE_LINE,
      colors.muted,
    );
}
