import { LINE_HEIGHT } from "../theme.ts";
import type { Font, ShapedText } from "./font.ts";
import { breakLines, type Paragraph, shapeSpan, toParagraph, truncate, widestWord } from "./line-breaking.ts";
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
  /** What its text begins with: in a block of its own, `rtl` text is aligned to the right. */
  readonly direction: "ltr" | "rtl";
  /** From left to right. */
  readonly runs: readonly ShapedText[];
}

/**
 * Breaks text of any script into measured lines. Never throws for what a text contains: control characters are
 * removed, characters that the fonts lack become a visible box.
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
}

/** A typesetter that measures with the fonts of one document. */
export function createTypesetter(fonts: Readonly<Record<Weight, Font>>): Typesetter {
  return {
    line: (text, style, width = Number.POSITIVE_INFINITY) => {
      const font = fonts[style.weight ?? "regular"];
      const paragraph = toParagraph(sanitizeLines(text, font.has).join(" "), font);
      const line = toTextLine(paragraph, style);
      return line.width <= width
        ? line
        : toTextLine(truncate(paragraph, 0, toThousandths(width, style)), style);
    },
    lines: (text, style, width, maxLines = Number.POSITIVE_INFINITY) => {
      const font = fonts[style.weight ?? "regular"];
      const available = toThousandths(width, style);
      const paragraphs = sanitizeLines(text.trim(), font.has)
        .map((line) => toParagraph(line, font))
        .filter(({ text }, index) => index === 0 || text !== "" || maxLines === Number.POSITIVE_INFINITY);
      const lines: TextLine[] = [];
      for (const [index, paragraph] of paragraphs.entries()) {
        const isLast = index === paragraphs.length - 1;
        for (const { from, to } of breakLines(paragraph, available)) {
          const hasMore = to < paragraph.text.length || !isLast;
          if (lines.length === maxLines - 1 && hasMore)
            return [...lines, toTextLine(truncate(paragraph, from, available), style)];
          lines.push(toTextLine(paragraph, style, from, to));
        }
        if (paragraph.text === "") lines.push(toTextLine(paragraph, style));
        if (lines.length >= maxLines) return lines;
      }
      return lines;
    },
    widestWord: (text, style) => {
      const font = fonts[style.weight ?? "regular"];
      const widths = sanitizeLines(text, font.has).map((line) => widestWord(toParagraph(line, font)));
      return (Math.max(...widths) * style.size) / 1000;
    },
  };
}

function toTextLine(paragraph: Paragraph, style: TextStyle, from?: number, to?: number): TextLine {
  const runs = shapeSpan(paragraph, from, to);
  return {
    width: (runs.reduce((sum, run) => sum + run.width, 0) * style.size) / 1000,
    height: style.size * LINE_HEIGHT,
    size: style.size,
    weight: style.weight ?? "regular",
    direction: paragraph.baseLevel === 1 ? "rtl" : "ltr",
    runs,
  };
}

/** Of the font size. Rounding of sums shall not break a line that was measured to be just as wide as available. */
const toThousandths = (points: number, style: TextStyle) => (points / style.size) * 1000 + 0.01;
