import { LINE_HEIGHT } from "../theme.ts";
import type { Font, ShapedText } from "./font.ts";
import {
  breakLines,
  isFigure,
  type Paragraph,
  shapeSpan,
  toParagraph,
  truncate,
  widestNumber,
  widestWord,
} from "./line-breaking.ts";
import { sanitizeLines } from "./sanitize.ts";

export type Weight = "regular" | "bold";

export interface TextStyle {
  /** In points. */
  readonly size: number;
  /** Regular when absent. */
  readonly weight?: Weight | undefined;
}

/** A line of text, measured and ready to be drawn, whatever its script. */
export interface TextLine {
  /** In points. */
  readonly width: number;
  /** Height of the line's box, in points: its size × line height. */
  readonly height: number;
  readonly size: number;
  readonly weight: Weight;
  /** Whether it runs against the page: in a block of its own, such text is aligned to the other side. */
  readonly isTurned: boolean;
  /** From left to right. */
  readonly runs: readonly ShapedText[];
  /** Of a line that is cut short: all that it would say, and the lines after it that are left out. */
  readonly fullText?: string | undefined;
}

/**
 * Breaks text of any script into measured lines. Never throws for what a text contains: control characters are
 * removed, characters that the fonts lack become a visible box.
 *
 * Words may be truncated, numbers never: a figure that is too wide is set in a smaller size, and no number is torn. What
 * is cut off is lost to the eye alone: the line knows its full text.
 */
export interface Typesetter {
  /** One line, truncated with … where it gets wider than `width` (points). Line breaks in it become spaces. */
  line(text: string, style: TextStyle, width?: number): TextLine;
  /**
   * Broken at words, and inside of words that are wider than `width` (points); the text's own line breaks are kept.
   * At most `maxLines`, the last one truncated with …; blank lines take none of them. At least one line, empty for
   * an empty text.
   */
  lines(text: string, style: TextStyle, width: number, maxLines?: number): readonly TextLine[];
  /** The width of its widest word, in points: in less than that, a word is broken. */
  widestWord(text: string, style: TextStyle): number;
  /** The same of its widest number; 0 without one. */
  widestNumber(text: string, style: TextStyle): number;
}

/** Figures are set no smaller than this, in points: what is longer even then is no figure of ours. */
const MIN_FIGURE_SIZE = 4;
const SIZE_STEP = 0.9;

/** Sizes to try, from the wanted one down: for what is better read small than cut. */
function* sizesDown({ size }: TextStyle): Generator<number> {
  for (let smaller = size; smaller > MIN_FIGURE_SIZE; smaller *= SIZE_STEP) yield smaller;
  yield Math.min(size, MIN_FIGURE_SIZE);
}

/**
 * A typesetter that measures with the fonts of one document.
 *
 * @param direction of its pages. A text that has letters from right to left runs so on pages that do; on others, one
 * that begins with such a letter.
 */
export function createTypesetter(
  fonts: Readonly<Record<Weight, Font>>,
  direction: "ltr" | "rtl" = "ltr",
): Typesetter {
  const fontOf = ({ weight = "regular" }: TextStyle) => fonts[weight];
  const paragraphOf = (text: string, style: TextStyle) => toParagraph(text, fontOf(style), direction);

  return {
    line: (text, style, width = Number.POSITIVE_INFINITY) => {
      const paragraph = paragraphOf(sanitizeLines(text, fontOf(style)).join(" "), style);
      const line = toTextLine(paragraph, style);
      if (line.width <= width) return line;
      const fitting = { ...style, size: Math.floor(((style.size * width) / line.width) * 10) / 10 };
      if (isFigure(paragraph.text) && fitting.size >= MIN_FIGURE_SIZE) return toTextLine(paragraph, fitting);
      return cutShort(paragraph, 0, style, width, paragraph.text);
    },
    lines: (text, style, width, maxLines = Number.POSITIVE_INFINITY) => {
      const paragraphs = sanitizeLines(text.trim(), fontOf(style))
        .map((line) => paragraphOf(line, style))
        .filter(({ text }, index) => index === 0 || text !== "" || maxLines === Number.POSITIVE_INFINITY);
      const [first] = paragraphs;
      const isOneFigure = paragraphs.length === 1 && first !== undefined && isFigure(first.text);
      const numberWidth = Math.max(...paragraphs.map(widestNumber));
      for (const size of sizesDown(style)) {
        const smaller = { ...style, size };
        const isTorn = numberWidth > toThousandths(width, smaller);
        const set = setLines(paragraphs, smaller, width, maxLines);
        if (!isTorn && !(isOneFigure && set.isTruncated)) return set.lines;
      }
      return setLines(paragraphs, style, width, maxLines).lines;
    },
    widestWord: (text, style) => widestOf(widestWord, text, style),
    widestNumber: (text, style) => widestOf(widestNumber, text, style),
  };

  function widestOf(measure: (paragraph: Paragraph) => number, text: string, style: TextStyle): number {
    const widths = sanitizeLines(text, fontOf(style)).map((line) => measure(paragraphOf(line, style)));
    return (Math.max(...widths) * style.size) / 1000;
  }
}

/** Paragraphs in lines of one size. */
function setLines(
  paragraphs: readonly Paragraph[],
  style: TextStyle,
  width: number,
  maxLines: number,
): { readonly lines: readonly TextLine[]; readonly isTruncated: boolean } {
  const available = toThousandths(width, style);
  const lines: TextLine[] = [];
  for (const [index, paragraph] of paragraphs.entries()) {
    const isLast = index === paragraphs.length - 1;
    for (const { from, to } of breakLines(paragraph, available)) {
      const hasMore = to < paragraph.text.length || !isLast;
      if (lines.length === maxLines - 1 && hasMore) {
        const rest = [paragraph.text.slice(from), ...paragraphs.slice(index + 1).map(({ text }) => text)];
        const last = cutShort(paragraph, from, style, width, rest.join(" "));
        return { lines: [...lines, last], isTruncated: true };
      }
      lines.push(toTextLine(paragraph, style, from, to));
    }
    if (paragraph.text === "") lines.push(toTextLine(paragraph, style));
    if (lines.length >= maxLines) break;
  }
  return { lines, isTruncated: false };
}

/** A line that ends in …, whatever fits before it. */
const cutShort = (
  paragraph: Paragraph,
  from: number,
  style: TextStyle,
  width: number,
  fullText: string,
): TextLine => ({ ...toTextLine(truncate(paragraph, from, toThousandths(width, style)), style), fullText });

function toTextLine(paragraph: Paragraph, style: TextStyle, from?: number, to?: number): TextLine {
  const runs = shapeSpan(paragraph, from, to);
  return {
    width: (runs.reduce((sum, run) => sum + run.width, 0) * style.size) / 1000,
    height: style.size * LINE_HEIGHT,
    size: style.size,
    weight: style.weight ?? "regular",
    isTurned: paragraph.isTurned,
    runs,
  };
}

/** Of the font size. Rounding of sums shall not break a line that was measured to be just as wide as available. */
const toThousandths = (points: number, style: TextStyle) => (points / style.size) * 1000 + 0.01;
