import { type Color, channels } from "@success-manager/contract/color";
import {
  beginText,
  drawSvgPath,
  endText,
  LineCapStyle,
  LineJoinStyle,
  PDFArray,
  PDFContext,
  PDFHexString,
  PDFName,
  PDFNumber,
  PDFOperator,
  PDFOperatorNames,
  type PDFPage,
  type PDFRef,
  popGraphicsState,
  pushGraphicsState,
  rgb,
  setFillingColor,
  setFontAndSize,
  setLineJoin,
  setTextMatrix,
  setTextRise,
} from "pdf-lib";
import type { TextLine, Weight } from "../text/typesetter.ts";
import type { Canvas, Paint } from "./canvas.ts";

/** Height of capital letters, as a part of the font size. */
const CAP_HEIGHT = 0.729;
/** Names of the fonts in a page's resources. */
const FONT_NAMES: Readonly<Record<Weight, string>> = { regular: "Regular", bold: "Bold" };
/** Arrays need a context, but what is written into a page is never looked up in one. */
const NO_CONTEXT = PDFContext.create();

/** A canvas that draws on a page of a PDF. */
export function pdfCanvas(page: PDFPage, fonts: Readonly<Record<Weight, PDFRef>>): Canvas {
  for (const weight of ["regular", "bold"] as const) {
    page.node.setFontDictionary(PDFName.of(FONT_NAMES[weight]), fonts[weight]);
  }
  const height = page.getHeight();

  function path(svg: string, left: number, top: number, { fill, stroke, thickness, dashes }: Paint): void {
    if (fill === undefined && stroke === undefined) return;
    page.pushOperators(
      pushGraphicsState(),
      setLineJoin(LineJoinStyle.Round),
      ...drawSvgPath(svg, {
        x: round(left),
        y: round(height - top),
        scale: undefined,
        color: fill && pdfColor(fill),
        borderColor: stroke && pdfColor(stroke),
        borderWidth: stroke === undefined ? 0 : round(thickness ?? 1),
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
        setFillingColor(pdfColor(color)),
        setFontAndSize(FONT_NAMES[line.weight], line.size),
        setTextMatrix(1, 0, 0, 1, round(left), round(height - baseline)),
        ...showText(line),
        endText(),
      );
    },
    rect: (x, top, width, height, paint, radius = 0) => {
      path(rectanglePath(round(width), round(height), round(radius)), x, top, paint);
    },
    circle: (x, y, radius, paint) => {
      const r = round(radius);
      path(`M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`, x, y, paint);
    },
    line: (fromX, fromY, toX, toY, paint) => {
      path(`M0 0L${round(toX - fromX)} ${round(toY - fromY)}`, fromX, fromY, { ...paint, fill: undefined });
    },
    path,
  };
}

/** The operators that draw the glyphs of a line at the text matrix: `TJ` and, for raised accents, `Ts`. */
export function showText({ runs, size }: TextLine): PDFOperator[] {
  const operators: PDFOperator[] = [];
  let pending: (string | number)[] = [];

  function flush(): void {
    if (pending.length > 0) operators.push(showAdjusted(pending));
    pending = [];
  }

  for (const step of runs.flatMap((run) => run.steps)) {
    if (typeof step === "object") {
      flush();
      operators.push(setTextRise(Math.round(step.rise * size) / 1000));
    } else {
      const last = pending.at(-1);
      if (typeof step === "string" && typeof last === "string") pending[pending.length - 1] = last + step;
      else if (typeof step === "number" && typeof last === "number")
        pending[pending.length - 1] = last + step;
      else pending.push(step);
    }
  }
  flush();
  return operators;
}

function showAdjusted(steps: readonly (string | number)[]): PDFOperator {
  const array = PDFArray.withContext(NO_CONTEXT);
  for (const step of steps) array.push(typeof step === "string" ? PDFHexString.of(step) : PDFNumber.of(step));
  return PDFOperator.of(PDFOperatorNames.ShowTextAdjusted, [array]);
}

function rectanglePath(width: number, height: number, radius: number): string {
  const r = Math.max(0, Math.min(radius, width / 2, height / 2));
  if (r === 0) return `M0 0H${width}V${height}H0Z`;
  const corner = (x: number, y: number) => `A${r} ${r} 0 0 1 ${x} ${y}`;
  return [
    `M${r} 0H${width - r}${corner(width, r)}V${height - r}${corner(width - r, height)}`,
    `H${r}${corner(0, height - r)}V${r}${corner(r, 0)}Z`,
  ].join("");
}

const pdfColors = new Map<Color, ReturnType<typeof rgb>>();

function pdfColor(color: Color): ReturnType<typeof rgb> {
  const found = pdfColors.get(color) ?? toRgb(channels(color));
  pdfColors.set(color, found);
  return found;
}

const toRgb = ([red, green, blue]: ReturnType<typeof channels>) =>
  rgb(thousandths(red), thousandths(green), thousandths(blue));

const thousandths = (channel: number) => Math.round(channel * 1000) / 1000;

/** To hundredths of a point: finer than any printer. */
function round(points: number): number {
  if (!Number.isFinite(points))
    throw new RangeError(`A length on a page is ${points}: it has to be a number.`);
  return Math.round(points * 100) / 100;
}
