import { type Color, channels } from "@success-manager/contract/color";
import {
  beginText,
  concatTransformationMatrix,
  drawSvgPath,
  endText,
  LineCapStyle,
  LineJoinStyle,
  PDFArray,
  PDFContext,
  PDFHexString,
  type PDFImage,
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
  setLineWidth,
  setStrokingColor,
  setTextMatrix,
  setTextRenderingMode,
  setTextRise,
  TextRenderingMode,
} from "pdf-lib";
import type { TypefaceName } from "../text/font-files.ts";
import { LANGUAGES } from "../text/scripts.ts";
import type { TextLine } from "../text/typesetter.ts";
import type { Canvas, Paint } from "./canvas.ts";
import type { Structure, Tag } from "./structure.ts";

/** Height of capital letters, as a part of the font size. */
const CAP_HEIGHT = 0.729;
/** Arrays need a context, but what is written into a page is never looked up in one. */
const NO_CONTEXT = PDFContext.create();

/** Of what is drawn thicker, because its typeface has no bold file; as a part of the font size. */
const THICKENING = 0.025;

/** What a page is drawn with. */
export interface PdfCanvas extends Canvas {
  /** To be called when all of the page has been drawn. */
  close(): void;
}

type Content = Tag | "decoration" | "repeated";

/**
 * A canvas that draws on a page of a PDF, which its logo is embedded in. `fontRef` answers the font that a typeface
 * becomes. On a mirrored page, left is right: all stands on the other side; only texts, icons and the logo are as ever.
 */
export function pdfCanvas(
  page: PDFPage,
  fontRef: (typeface: TypefaceName) => PDFRef,
  structure: Structure,
  { logo, isMirrored = false }: { readonly logo?: PDFImage | undefined; readonly isMirrored?: boolean } = {},
): PdfCanvas {
  const { width: pageWidth, height } = page.getSize();
  const mirrored = (left: number, width: number) => (isMirrored ? pageWidth - left - width : left);
  const fonts = new Set<TypefaceName>();
  let current: Exclude<Content, "decoration"> | undefined;
  let open: Content | undefined;

  /** Begins the marked content that something belongs to, unless it is the one that is open (PDF 32000-1, 14.6). */
  function begin(content: Content): void {
    if (content === open) return;
    close();
    open = content;
    page.pushOperators(beginContent(content));
  }

  function close(): void {
    if (open !== undefined) page.pushOperators(END_CONTENT);
    open = undefined;
  }

  function beginContent(content: Content): PDFOperator {
    if (content === "decoration") return PDFOperator.of(PDFOperatorNames.BeginMarkedContent, ["/Artifact"]);
    if (content === "repeated")
      return PDFOperator.of(PDFOperatorNames.BeginMarkedContentSequence, [
        "/Artifact",
        "<</Type /Pagination>>",
      ]);
    const properties = `<</MCID ${structure.mark(content, page)}>>`;
    return PDFOperator.of(PDFOperatorNames.BeginMarkedContentSequence, [`/${content.type}`, properties]);
  }

  function path(
    svg: string,
    left: number,
    top: number,
    { fill, stroke, thickness, dashes }: Paint,
    unmirrored?: number,
  ): void {
    if (fill === undefined && stroke === undefined) return;
    begin(
      current === "repeated" || (current !== undefined && current.type === "Figure") ? current : "decoration",
    );
    const isTurned = isMirrored && unmirrored === undefined;
    page.pushOperators(
      pushGraphicsState(),
      ...(isTurned ? [concatTransformationMatrix(-1, 0, 0, 1, round(pageWidth), 0)] : []),
      setLineJoin(LineJoinStyle.Round),
      ...drawSvgPath(svg, {
        x: round(unmirrored === undefined ? left : mirrored(left, unmirrored)),
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
      const left = mirrored(x - { left: 0, center: line.width / 2, right: line.width }[align], line.width);
      const baseline = top + (line.height + line.size * CAP_HEIGHT) / 2;
      for (const { typeface } of line.runs) {
        if (!fonts.has(typeface)) page.node.setFontDictionary(PDFName.of(typeface), fontRef(typeface));
        fonts.add(typeface);
      }
      begin(current ?? "decoration");
      page.pushOperators(
        beginText(),
        setFillingColor(pdfColor(color)),
        ...(line.runs.some(({ isThickened }) => isThickened)
          ? [setStrokingColor(pdfColor(color)), setLineWidth(thousandths(line.size * THICKENING))]
          : []),
        setTextMatrix(1, 0, 0, 1, round(left), round(height - baseline)),
        ...showText(line),
        endText(),
      );
    },
    rect: (x, top, width, height, paint, radius = 0) => {
      path(rectanglePath(round(width), round(height), round(radius)), x, top, paint);
    },
    logo: (x, top, width, boxHeight) => {
      if (!logo) throw new Error("The document has no logo");
      begin(current === "repeated" ? current : "decoration");
      const bottom = height - top - boxHeight;
      page.drawImage(logo, {
        x: round(mirrored(x, width)),
        y: round(bottom),
        width: round(width),
        height: round(boxHeight),
      });
    },
    circle: (x, y, radius, paint) => {
      const r = round(radius);
      path(`M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`, x, y, paint);
    },
    line: (fromX, fromY, toX, toY, paint) => {
      path(`M0 0L${round(toX - fromX)} ${round(toY - fromY)}`, fromX, fromY, { ...paint, fill: undefined });
    },
    path: (svg, x, top, paint) => path(svg, x, top, paint),
    icon: (svg, x, top, size, paint) => path(svg, x, top, paint, size),
    tag: (tag, draw) => {
      if (current === "repeated") return draw();
      const outer = current;
      structure.add(tag);
      current = tag;
      draw();
      current = outer;
    },
    repeat: (draw) => {
      const outer = current;
      current = "repeated";
      draw();
      current = outer;
    },
    close,
  };
}

const END_CONTENT = PDFOperator.of(PDFOperatorNames.EndMarkedContent);

/**
 * The operators that draw the glyphs of a line at the text matrix: `TJ`; `Tf`, `Tr` and its language where the
 * typeface changes, `Ts` for raised accents, and the text of what several glyphs stand for together, or of all that a
 * line is cut short of: it is copied, found and read out as if it stood there.
 */
export function showText({ runs, size, fullText }: TextLine): PDFOperator[] {
  const operators: PDFOperator[] = fullText === undefined ? [] : [textOf(fullText)];
  let pending: (string | number)[] = [];
  let typeface: TypefaceName | undefined;
  let isThickened = false;
  let language: string | undefined;

  function flush(): void {
    if (pending.length > 0) operators.push(showAdjusted(pending));
    pending = [];
  }

  function thicken(wanted: boolean): void {
    if (wanted === isThickened) return;
    isThickened = wanted;
    const mode = wanted ? TextRenderingMode.FillAndOutline : TextRenderingMode.Fill;
    operators.push(setTextRenderingMode(mode));
  }

  function speak(wanted: string | undefined): void {
    if (language !== undefined) operators.push(END_CONTENT);
    language = wanted;
    if (wanted !== undefined) operators.push(beginSpan(`/Lang (${wanted})`));
  }

  function setTypeface({ typeface: wanted, isThickened: isThick }: TextLine["runs"][number]): void {
    if (wanted === typeface) return;
    flush();
    typeface = wanted;
    operators.push(setFontAndSize(typeface, size));
    thicken(isThick);
  }

  function rise(thousandths: number): void {
    flush();
    operators.push(setTextRise(Math.round(thousandths * size) / 1000));
  }

  function add(step: string | number): void {
    const last = pending.at(-1);
    if (typeof step === "string" && typeof last === "string") pending[pending.length - 1] = last + step;
    else if (typeof step === "number" && typeof last === "number") pending[pending.length - 1] = last + step;
    else pending.push(step);
  }

  for (const run of runs) {
    if (run.typeface !== typeface) {
      flush();
      speak(LANGUAGES[run.typeface]);
    }
    setTypeface(run);
    for (const step of run.steps) {
      if (typeof step !== "object") add(step);
      else if ("rise" in step) rise(step.rise);
      else if (fullText === undefined) {
        flush();
        operators.push(textOf(step.text));
      }
    }
  }
  flush();
  speak(undefined);
  drawMarks();
  thicken(false);
  if (fullText !== undefined) operators.push(END_CONTENT);
  return operators;

  /** Has no text of its own: that stands among the letters. */
  function drawMarks(): void {
    if (runs.every(({ marks }) => marks.length === 0)) return;
    let left = 0;
    let pen = runs.reduce((sum, { width }) => sum + width, 0);
    if (fullText === undefined) operators.push(textOf(""));
    for (const run of runs) {
      for (const mark of run.marks) {
        setTypeface(run);
        add(pen - (left + mark.left));
        rise(mark.rise);
        add(mark.code);
        pen = left + mark.left + mark.width;
      }
      left += run.width;
    }
    rise(0);
    if (fullText === undefined) operators.push(END_CONTENT);
  }
}

/** Begins what stands for a text as a whole (PDF 32000-1, 14.9.4), or ends it. */
function textOf(text: string | null): PDFOperator {
  return text === null ? END_CONTENT : beginSpan(`/ActualText ${PDFHexString.fromText(text.toWellFormed())}`);
}

const beginSpan = (property: string) =>
  PDFOperator.of(PDFOperatorNames.BeginMarkedContentSequence, ["/Span", `<<${property}>>`]);

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
