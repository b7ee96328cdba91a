import fontkit from "@pdf-lib/fontkit";
import { mirrorBrackets } from "./bidi.ts";

type FontkitFont = ReturnType<typeof fontkit.create>;
type GlyphRun = ReturnType<FontkitFont["layout"]>;
type Glyph = GlyphRun["glyphs"][number];

/**
 * One step of drawing a shaped text: the codes of glyphs as hexadecimal digits, a move to the left in thousandths
 * of the font size (PDF's `TJ` takes both), or how far the following glyphs stand above the baseline.
 */
export type GlyphStep = string | number | { readonly rise: number };

/** Glyphs of one font, shaped, in the order in which they are drawn. */
export interface ShapedText {
  /** In thousandths of the font size. */
  readonly width: number;
  readonly steps: readonly GlyphStep[];
}

/** What text is measured and shaped with. */
export interface Font {
  has(codePoint: number): boolean;
  /** Shapes sanitized text of one direction and one joining script. Answers glyphs from left to right. */
  shape(text: string, rightToLeft: boolean): ShapedText;
}

export interface UsedGlyph {
  /** In thousandths of the font size. */
  readonly width: number;
  /** What it stands for when text is copied out of the document. */
  readonly codePoints: readonly number[];
}

/** A font that records which glyphs a document uses, so that only these are embedded in it. */
export interface SubsetFont extends Font {
  readonly fontkitFont: FontkitFont;
  readonly subset: ReturnType<FontkitFont["createSubset"]>;
  /** By code, which is the glyph's index in the subset. Index 0 is that of a missing glyph, which is never drawn. */
  readonly usedGlyphs: ReadonlyMap<number, UsedGlyph>;
}

/** A font from the bytes of its file, for one document. */
export function subsetFont(file: Uint8Array): SubsetFont {
  const fontkitFont = fontkit.create(file);
  const subset = fontkitFont.createSubset();
  const usedGlyphs = new Map<number, UsedGlyph>();
  const shapedTexts = { ltr: new Map<string, ShapedText>(), rtl: new Map<string, ShapedText>() };
  const perThousand = 1000 / fontkitFont.unitsPerEm;

  function glyphCode(glyph: Glyph): string {
    const code = subset.includeGlyph(glyph);
    const width = Math.round(glyph.advanceWidth * perThousand);
    if (!usedGlyphs.has(code)) usedGlyphs.set(code, { width, codePoints: glyph.codePoints });
    return code.toString(16).padStart(4, "0");
  }

  function toShapedText({ glyphs, positions }: ReturnType<typeof layoutGlyphs>): ShapedText {
    const steps: GlyphStep[] = [];
    let width = 0;
    for (const [index, glyph] of glyphs.entries()) {
      const { xAdvance = glyph.advanceWidth, xOffset = 0, yOffset = 0 } = positions[index] ?? {};
      const kerning = Math.round((glyph.advanceWidth - xAdvance) * perThousand);
      const shift = Math.round(xOffset * perThousand);
      if (shift !== 0) steps.push(-shift);
      if (yOffset !== 0) steps.push({ rise: Math.round(yOffset * perThousand) });
      steps.push(glyphCode(glyph));
      if (yOffset !== 0) steps.push({ rise: 0 });
      if (shift + kerning !== 0) steps.push(shift + kerning);
      width += Math.round(glyph.advanceWidth * perThousand) - kerning;
    }
    return { width, steps };
  }

  return {
    fontkitFont,
    subset,
    usedGlyphs,
    has: (codePoint) => fontkitFont.hasGlyphForCodePoint(codePoint),
    shape: (text, rightToLeft) => {
      const cache = rightToLeft ? shapedTexts.rtl : shapedTexts.ltr;
      const drawn = () => (rightToLeft ? mirrorBrackets(text) : text);
      const shaped = cache.get(text) ?? toShapedText(layoutGlyphs(fontkitFont, drawn(), rightToLeft));
      cache.set(text, shaped);
      return shaped;
    },
  };
}

/**
 * fontkit takes the direction from the script. Where the text runs the other way, as brackets between Hebrew words
 * or Persian digits do, nothing joins, and the text can be given in reverse.
 */
function layoutGlyphs(
  font: FontkitFont,
  text: string,
  rightToLeft: boolean,
): Pick<GlyphRun, "glyphs" | "positions"> {
  // The one script of these fonts for which fontkit takes a shaper that needs a runtime it doesn't bring along.
  // Its letters need no shaping.
  if (/\p{Script=Tifinagh}/u.test(text)) return { glyphs: font.glyphsForString(text), positions: [] };
  const run = font.layout(text);
  return (run.direction === "rtl") === rightToLeft ? run : font.layout(Array.from(text).reverse().join(""));
}
