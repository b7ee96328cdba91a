import { LEADING } from "../theme.ts";
import { cleanLines } from "./clean.ts";
import type { Face } from "./face.ts";
import type { Glyphs } from "./glyphs.ts";
import { breaks, type Paragraph, paragraphOf, runsOf, shortened, widestWord } from "./paragraph.ts";

export type Weight = "regular" | "bold";

/** Which letters text is set in. */
export interface Style {
  /** In points. */
  readonly size: number;
  /** Regular when absent. */
  readonly weight?: Weight | undefined;
}

/** A line of text, measured and ready to be drawn, whatever its script. */
export interface TextLine {
  /** In points. */
  readonly width: number;
  /** Height of the line's box, in points: its size × leading. */
  readonly height: number;
  readonly size: number;
  readonly weight: Weight;
  /** What its text begins with: in a block of its own, `rtl` text stands on the right. */
  readonly direction: "ltr" | "rtl";
  /** From left to right. */
  readonly runs: readonly Glyphs[];
}

/**
 * Sets text of any script. Never throws for what a text contains: control characters are left away, characters
 * that the fonts lack become a visible box.
 */
export interface Typesetter {
  /** One line, cut with … where it gets wider than `width` (points). Line breaks in it become spaces. */
  line(text: string, style: Style, width?: number): TextLine;
  /**
   * Broken at words, and inside of words that are wider than `width`; the text's own line breaks are kept. At
   * most `most` lines, the last one cut with …; blank lines take none of them. At least one line, empty for an
   * empty text.
   */
  lines(text: string, style: Style, width: number, most?: number): readonly TextLine[];
  /** The width of its widest word, in points: in less than that, a word is broken. */
  widestWord(text: string, style: Style): number;
}

export function typesetter(faces: Readonly<Record<Weight, Face>>): Typesetter {
  return {
    line: (text, style, width = Number.POSITIVE_INFINITY) => {
      const face = faces[style.weight ?? "regular"];
      const whole = paragraphOf(cleanLines(text, face.has).join(" "), face);
      const line = set(whole, style);
      return line.width <= width ? line : set(shortened(whole, 0, inThousandths(width, style)), style);
    },
    lines: (text, style, width, most = Number.POSITIVE_INFINITY) => {
      const face = faces[style.weight ?? "regular"];
      const room = inThousandths(width, style);
      const paragraphs = cleanLines(text.trim(), face.has)
        .map((line) => paragraphOf(line, face))
        .filter(({ text }, index) => index === 0 || text !== "" || most === Number.POSITIVE_INFINITY);
      const lines: TextLine[] = [];
      for (const [index, paragraph] of paragraphs.entries()) {
        const isLast = index === paragraphs.length - 1;
        for (const { from, to } of breaks(paragraph, room)) {
          const goesOn = to < paragraph.text.length || !isLast;
          if (lines.length === most - 1 && goesOn)
            return [...lines, set(shortened(paragraph, from, room), style)];
          lines.push(set(paragraph, style, from, to));
        }
        if (paragraph.text === "") lines.push(set(paragraph, style));
        if (lines.length >= most) return lines;
      }
      return lines;
    },
    widestWord: (text, style) => {
      const face = faces[style.weight ?? "regular"];
      const widths = cleanLines(text, face.has).map((line) => widestWord(paragraphOf(line, face)));
      return (Math.max(...widths) * style.size) / 1000;
    },
  };
}

function set(paragraph: Paragraph, style: Style, from?: number, to?: number): TextLine {
  const runs = runsOf(paragraph, from, to);
  return {
    width: (runs.reduce((sum, run) => sum + run.width, 0) * style.size) / 1000,
    height: style.size * LEADING,
    size: style.size,
    weight: style.weight ?? "regular",
    direction: paragraph.base === 1 ? "rtl" : "ltr",
    runs,
  };
}

/** Rounding of sums shall not break a line that was measured to be just as wide as there is room. */
const inThousandths = (points: number, style: Style) => (points / style.size) * 1000 + 0.01;
