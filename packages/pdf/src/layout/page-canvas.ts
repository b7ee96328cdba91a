import {
  beginText,
  drawSvgPath,
  endText,
  LineCapStyle,
  LineJoinStyle,
  PDFName,
  type PDFPage,
  type PDFRef,
  popGraphicsState,
  pushGraphicsState,
  rgb,
  setFillingColor,
  setFontAndSize,
  setLineJoin,
  setTextMatrix,
} from "pdf-lib";
import type { Weight } from "../text/typesetter.ts";
import type { Color } from "../theme.ts";
import type { Canvas, Paint } from "./canvas.ts";
import { showText } from "./show-text.ts";

/** Height of capital letters, as a part of their size. */
const CAP_HEIGHT = 0.729;
/** Names of the fonts in a page's resources. */
const FONT_NAMES: Readonly<Record<Weight, string>> = { regular: "Regular", bold: "Bold" };

/** A canvas that draws on a page of a PDF. */
export function pageCanvas(page: PDFPage, fonts: Readonly<Record<Weight, PDFRef>>): Canvas {
  for (const weight of ["regular", "bold"] as const) {
    page.node.setFontDictionary(PDFName.of(FONT_NAMES[weight]), fonts[weight]);
  }
  const height = page.getHeight();

  function shape(svg: string, left: number, top: number, { fill, stroke, thickness, dashes }: Paint): void {
    if (fill === undefined && stroke === undefined) return;
    page.pushOperators(
      pushGraphicsState(),
      setLineJoin(LineJoinStyle.Round),
      ...drawSvgPath(svg, {
        x: exact(left),
        y: exact(height - top),
        scale: undefined,
        color: fill && colorOf(fill),
        borderColor: stroke && colorOf(stroke),
        borderWidth: stroke === undefined ? 0 : exact(thickness ?? 1),
        borderDashArray: dashes && [...dashes],
        borderLineCap: dashes === undefined ? LineCapStyle.Round : LineCapStyle.Butt,
      }),
      popGraphicsState(),
    );
  }

  return {
    text: (line, x, top, color, align = "left") => {
      if (line.runs.length === 0) return;
      const left = x - { left: 0, center: line.width / 2, right: line.width }[align];
      const baseline = top + (line.height + line.size * CAP_HEIGHT) / 2;
      page.pushOperators(
        beginText(),
        setFillingColor(colorOf(color)),
        setFontAndSize(FONT_NAMES[line.weight], line.size),
        setTextMatrix(1, 0, 0, 1, exact(left), exact(height - baseline)),
        ...showText(line),
        endText(),
      );
    },
    rect: (x, top, width, tall, paint, radius = 0) => {
      shape(rectangle(exact(width), exact(tall), exact(radius)), x, top, paint);
    },
    circle: (x, y, radius, paint) => {
      const r = exact(radius);
      shape(`M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`, x, y, paint);
    },
    line: (fromX, fromY, toX, toY, paint) => {
      shape(`M0 0L${exact(toX - fromX)} ${exact(toY - fromY)}`, fromX, fromY, { ...paint, fill: undefined });
    },
    path: shape,
  };
}

function rectangle(width: number, height: number, wanted: number): string {
  const r = Math.max(0, Math.min(wanted, width / 2, height / 2));
  if (r === 0) return `M0 0H${width}V${height}H0Z`;
  const corner = (x: number, y: number) => `A${r} ${r} 0 0 1 ${x} ${y}`;
  return [
    `M${r} 0H${width - r}${corner(width, r)}V${height - r}${corner(width - r, height)}`,
    `H${r}${corner(0, height - r)}V${r}${corner(r, 0)}Z`,
  ].join("");
}

const known = new Map<Color, ReturnType<typeof rgb>>();

function colorOf(color: Color): ReturnType<typeof rgb> {
  const found = known.get(color) ?? rgb(part(color, 1), part(color, 3), part(color, 5));
  known.set(color, found);
  return found;
}

function part(color: Color, at: number): number {
  return Math.round((Number.parseInt(color.slice(at, at + 2), 16) / 255) * 1000) / 1000;
}

/** Hundredths of a point: finer than any printer. */
function exact(points: number): number {
  if (!Number.isFinite(points))
    throw new RangeError(`A length on a page is ${points}: it has to be a number.`);
  return Math.round(points * 100) / 100;
}
