import fontkit from "@pdf-lib/fontkit";
import { mirrored } from "./direction.ts";
import type { GlyphPart, Glyphs } from "./glyphs.ts";

type Font = ReturnType<typeof fontkit.create>;
type Run = ReturnType<Font["layout"]>;
type Glyph = Run["glyphs"][number];

/** Letters of one font, in a document. */
export interface Face {
  has(codePoint: number): boolean;
  /** Clean text of one direction and one joining script, in the order in which it is drawn. */
  shape(text: string, leftwards: boolean): Glyphs;
}

/** A letter of the document: its code is its place among the letters. */
export interface UsedGlyph {
  /** In thousandths of the size. */
  readonly width: number;
  /** What it stands for when text is copied out of the document. */
  readonly codePoints: readonly number[];
}

/** A face that notes which letters a document uses, so that only these are put into it. */
export interface RecordingFace extends Face {
  readonly font: Font;
  readonly subset: ReturnType<Font["createSubset"]>;
  /** By code. Letter 0 stands for what a font lacks; it is never drawn. */
  readonly used: ReadonlyMap<number, UsedGlyph>;
}

/** A face of a font file, for one document. */
export function recordingFace(file: Uint8Array): RecordingFace {
  const font = fontkit.create(file);
  const subset = font.createSubset();
  const used = new Map<number, UsedGlyph>();
  const shaped = { left: new Map<string, Glyphs>(), right: new Map<string, Glyphs>() };
  const inThousandths = 1000 / font.unitsPerEm;

  function codeOf(glyph: Glyph): string {
    const code = subset.includeGlyph(glyph);
    const width = Math.round(glyph.advanceWidth * inThousandths);
    if (!used.has(code)) used.set(code, { width, codePoints: glyph.codePoints });
    return code.toString(16).padStart(4, "0");
  }

  function glyphsOf({ glyphs, positions }: ReturnType<typeof layout>): Glyphs {
    const parts: GlyphPart[] = [];
    let width = 0;
    for (const [index, glyph] of glyphs.entries()) {
      const { xAdvance = glyph.advanceWidth, xOffset = 0, yOffset = 0 } = positions[index] ?? {};
      const kerning = Math.round((glyph.advanceWidth - xAdvance) * inThousandths);
      const aside = Math.round(xOffset * inThousandths);
      if (aside !== 0) parts.push(-aside);
      if (yOffset !== 0) parts.push({ rise: Math.round(yOffset * inThousandths) });
      parts.push(codeOf(glyph));
      if (yOffset !== 0) parts.push({ rise: 0 });
      if (aside + kerning !== 0) parts.push(aside + kerning);
      width += Math.round(glyph.advanceWidth * inThousandths) - kerning;
    }
    return { width, parts };
  }

  return {
    font,
    subset,
    used,
    has: (codePoint) => font.hasGlyphForCodePoint(codePoint),
    shape: (text, leftwards) => {
      const known = leftwards ? shaped.left : shaped.right;
      const found = known.get(text) ?? glyphsOf(layout(font, leftwards ? mirrored(text) : text, leftwards));
      known.set(text, found);
      return found;
    },
  };
}

/**
 * The font's own layout takes the direction from the script. Where that is another one, as that of brackets
 * between Hebrew words or of Persian digits, nothing joins, and the text can be given in reverse.
 */
function layout(font: Font, text: string, leftwards: boolean): Pick<Run, "glyphs" | "positions"> {
  // The one script of these fonts for which fontkit takes a shaper that needs a runtime it doesn't bring along.
  // Its letters stand one beside the other.
  if (/\p{Script=Tifinagh}/u.test(text)) return { glyphs: font.glyphsForString(text), positions: [] };
  const run = font.layout(text);
  return (run.direction === "rtl") === leftwards ? run : font.layout(Array.from(text).reverse().join(""));
}
