import { readFileSync } from "node:fs";
import {
  Blob,
  BufferFlag,
  ClusterLevel,
  Direction,
  Face,
  Font as HarfBuzzFont,
  Buffer as ShapingBuffer,
  shape,
} from "harfbuzzjs";
import { fontPath, type TypefaceName } from "./font-files.ts";
import { type EastAsian, typefacesFor } from "./scripts.ts";
import type { Weight } from "./typesetter.ts";

/**
 * One step of drawing a shaped text: the codes of glyphs as hexadecimal digits, a move to the left in thousandths
 * of the font size (PDF's `TJ` takes both), how far the following glyphs stand above the baseline, or the text that
 * the following glyphs stand for together, up to `{ text: null }`.
 */
export type GlyphStep = string | number | { readonly rise: number } | { readonly text: string | null };

/**
 * A vowel sign or the like in what runs from right to left, to be drawn after the letters of its line: among them, where
 * it stands higher or lower, readers would take it for the end of a word. There stands its text alone.
 */
export interface PlacedMark {
  /** Of its glyph, as hexadecimal digits. */
  readonly code: string;
  /** In thousandths of the font size: of its glyph, from the left end of the shaped text, above the baseline. */
  readonly width: number;
  readonly left: number;
  readonly rise: number;
}

/** Glyphs of one typeface, shaped, in the order in which they are drawn. */
export interface ShapedText {
  readonly typeface: TypefaceName;
  /** Whether its strokes are made thicker while it is drawn, because the typeface has no bold file. */
  readonly isThickened: boolean;
  /** In thousandths of the font size. */
  readonly width: number;
  readonly steps: readonly GlyphStep[];
  readonly marks: readonly PlacedMark[];
}

/** What of a grapheme can be printed, and in which typeface. */
export interface Fitted {
  readonly text: string;
  readonly typeface: TypefaceName;
}

/** What text of one weight is measured and shaped with. */
export interface Font {
  /** The typeface of plain text. */
  readonly latin: Weight;
  /** Undefined where no typeface has its first character; marks that its typeface lacks are left out. */
  fit(grapheme: string, eastAsian: EastAsian): Fitted | undefined;
  /** Whether a typeface has all of a text. */
  has(typeface: TypefaceName, text: string): boolean;
  /** Shapes sanitized text of one direction and one script. Answers glyphs from left to right. */
  shape(text: string, rightToLeft: boolean, typeface: TypefaceName): ShapedText;
}

export interface UsedGlyph {
  /** Its index in the font file. */
  readonly id: number;
  /** In thousandths of the font size. */
  readonly width: number;
  /** What it stands for when text is copied out of the document. */
  readonly text: string;
}

/** The typefaces of one document, which record the glyphs that it uses: only these are embedded in it. */
export interface DocumentFonts extends Readonly<Record<Weight, Font>> {
  /** By code: an index of a file and a text, since a glyph may stand for several texts. */
  readonly used: ReadonlyMap<TypefaceName, ReadonlyMap<number, UsedGlyph>>;
}

/** A font file in memory. It takes 2 to 10 ms to read one, so it is kept for the next document. */
export interface Typeface {
  readonly file: Uint8Array;
  readonly face: Face;
  readonly font: HarfBuzzFont;
  /** From the units of the file to thousandths of the font size. */
  readonly perThousand: number;
}

const typefaces = new Map<TypefaceName, Typeface>();

/** Reads the file when a text needs it first. Throws when it is missing. */
export function loadTypeface(name: TypefaceName): Typeface {
  const loaded = typefaces.get(name);
  if (loaded !== undefined) return loaded;
  const file = readFileSync(fontPath(name));
  const face = new Face(new Blob(file));
  const typeface = { file, face, font: new HarfBuzzFont(face), perThousand: 1000 / face.upem };
  typefaces.set(name, typeface);
  return typeface;
}

/** Codes have two bytes. */
const MAX_CODE = 0xffff;
/** The code of a missing glyph, which is a box. */
const MISSING = 0;
const ZERO_WIDTH_JOINER = 0x200d;
/** What has no shape of its own is part of what stands before it. */
const SHAPELESS = /^[\p{Default_Ignorable_Code_Point}\u2066-\u2069]$/u;
const MARK = /\p{M}/u;
/** In the place of a glyph whose text stands at the first glyph of its cluster: readers leave out what is invisible. */
const NO_TEXT = "\u200b";

export function createFonts(): DocumentFonts {
  const used = new Map<TypefaceName, Map<number, UsedGlyph>>();
  const codes = new Map<string, number>();
  const shaped = new Map<string, ShapedText>();

  function glyphCode(typeface: TypefaceName, glyph: UsedGlyph): string {
    const key = `${typeface} ${glyph.id} ${glyph.text}`;
    const glyphs = used.get(typeface) ?? new Map<number, UsedGlyph>();
    used.set(typeface, glyphs);
    const code = codes.get(key) ?? (glyphs.size < MAX_CODE ? glyphs.size + 1 : MISSING);
    codes.set(key, code);
    if (code !== MISSING) glyphs.set(code, glyph);
    return code.toString(16).padStart(4, "0");
  }

  function shapeNow(text: string, rightToLeft: boolean, name: TypefaceName): Omit<ShapedText, "isThickened"> {
    const { font, perThousand } = loadTypeface(name);
    const steps: GlyphStep[] = [];
    const shapeless = rightToLeft ? shapelessGlyph(font) : undefined;
    const marks: PlacedMark[] = [];
    let width = 0;
    for (const glyphs of clusters(font, text, rightToLeft)) {
      const drawn = rightToLeft ? withOneCharacterEach(glyphs, shapeless) : withTextAtFirst(glyphs);
      const { text: together = "" } = glyphs[0] ?? {};
      const letters = drawn.filter(({ isMark }) => isMark !== true);
      const isTogether = letters.length > (rightToLeft ? Array.from(together).length : 1);
      if (isTogether) steps.push({ text: together });
      for (const glyph of drawn) {
        const own = Math.round(font.glyphHAdvance(glyph.id) * perThousand);
        const kerning = own - Math.round(glyph.xAdvance * perThousand);
        const shift = Math.round(glyph.xOffset * perThousand);
        const rise = Math.round(glyph.yOffset * perThousand);
        if (glyph.isMark) {
          const code = glyphCode(name, { id: glyph.id, width: own, text: NO_TEXT });
          marks.push({ code, width: own, left: width + shift, rise });
          continue;
        }
        if (shift !== 0) steps.push(-shift);
        if (rise !== 0) steps.push({ rise });
        steps.push(glyphCode(name, { id: glyph.id, width: own, text: glyph.text }));
        if (rise !== 0) steps.push({ rise: 0 });
        if (shift + kerning !== 0) steps.push(shift + kerning);
        width += own - kerning;
      }
      if (isTogether) steps.push({ text: null });
    }
    return { typeface: name, width, steps, marks };
  }

  function fontOf(latin: Weight): Font {
    const fitted = new Map<string, Fitted | undefined>();
    return {
      latin,
      fit: (grapheme, eastAsian) => {
        const key = `${eastAsian} ${grapheme}`;
        if (!fitted.has(key)) fitted.set(key, fit(grapheme, typefacesFor(grapheme, latin, eastAsian)));
        return fitted.get(key);
      },
      has: (typeface, text) => Array.from(text).every((character) => hasGlyph(typeface, character)),
      shape: (text, rightToLeft, typeface) => {
        const isThickened = latin === "bold" && typeface !== "bold";
        const key = `${typeface} ${latin} ${rightToLeft} ${text}`;
        const known = shaped.get(key) ?? { ...shapeNow(text, rightToLeft, typeface), isThickened };
        shaped.set(key, known);
        return known;
      },
    };
  }

  return { regular: fontOf("regular"), bold: fontOf("bold"), used };
}

/** In the first typeface that has all of it, else in the first that has its first character. */
function fit(grapheme: string, names: readonly TypefaceName[]): Fitted | undefined {
  const [base = "", ...rest] = grapheme;
  let best: Fitted | undefined;
  for (const typeface of names) {
    if (!hasGlyph(typeface, base)) continue;
    const text = base + rest.filter((character) => hasGlyph(typeface, character)).join("");
    if (text === grapheme) return { text, typeface };
    best ??= { text, typeface };
  }
  return best;
}

const hasGlyph = (typeface: TypefaceName, character: string): boolean =>
  SHAPELESS.test(character) ||
  (loadTypeface(typeface).font.nominalGlyph(character.codePointAt(0) ?? 0) ?? 0) !== 0;

/** A glyph as HarfBuzz has placed it, in the units of its file. */
interface PlacedGlyph {
  readonly id: number;
  /** What its cluster stands for. */
  readonly text: string;
  readonly xAdvance: number;
  readonly xOffset: number;
  readonly yOffset: number;
  /** Whether it is drawn after its line. */
  readonly isMark?: boolean;
}

/** The text of a cluster stands at its first glyph. */
const withTextAtFirst = (glyphs: readonly PlacedGlyph[]): readonly PlacedGlyph[] =>
  glyphs.map((glyph, index) => (index === 0 ? glyph : { ...glyph, text: NO_TEXT }));

/**
 * Readers take what runs from right to left apart into single characters and turn these round. So each stands at a
 * glyph of its own: where a ligature has several, or a mark is drawn later, the others stand at glyphs without width or
 * shape after it.
 */
function withOneCharacterEach(
  glyphs: readonly PlacedGlyph[],
  shapeless: number | undefined,
): readonly PlacedGlyph[] {
  const [{ text } = { text: "" }] = glyphs;
  const hasMarks = shapeless !== undefined && MARK.test(text);
  const marked = glyphs.map((glyph) => ({ ...glyph, isMark: hasMarks && glyph.xAdvance === 0 }));
  const letters = marked.filter(({ isMark }) => !isMark).length;
  const characters = Array.from(text).reverse();
  if (characters.length > letters && shapeless === undefined) return withTextAtFirst(glyphs);
  let next = Math.min(0, characters.length - letters);
  const nextText = () => characters[next++] ?? NO_TEXT;
  const drawn = marked.map((glyph) => ({ ...glyph, text: glyph.isMark ? NO_TEXT : nextText() }));
  const carriers = characters
    .slice(letters)
    .map((character) => ({ id: shapeless ?? 0, text: character, xAdvance: 0, xOffset: 0, yOffset: 0 }));
  return [...drawn, ...carriers];
}

/** A glyph that is nothing but there: the joiner, or the second one, which is that of U+0000 in many files. */
const shapelessGlyph = (font: HarfBuzzFont): number | undefined =>
  [font.nominalGlyph(ZERO_WIDTH_JOINER) ?? 0, 1].find(
    (id) => id !== 0 && font.glyphHAdvance(id) === 0 && font.glyphExtents(id)?.width === 0,
  );

let buffer: ShapingBuffer | undefined;

/** Glyphs from left to right, those together that stand for the same characters. */
function clusters(font: HarfBuzzFont, text: string, rightToLeft: boolean): readonly PlacedGlyph[][] {
  buffer ??= new ShapingBuffer();
  buffer.reset();
  // A letter with its signs is one thing, whose glyphs some readers would take for words of their own.
  buffer.setClusterLevel(rightToLeft ? ClusterLevel.MONOTONE_CHARACTERS : ClusterLevel.MONOTONE_GRAPHEMES);
  buffer.setFlags(BufferFlag.REMOVE_DEFAULT_IGNORABLES | BufferFlag.DO_NOT_INSERT_DOTTED_CIRCLE);
  buffer.addText(text);
  buffer.setDirection(rightToLeft ? Direction.RTL : Direction.LTR);
  buffer.guessSegmentProperties();
  shape(font, buffer);
  const infos = buffer.getGlyphInfos();
  const positions = buffer.getGlyphPositions();
  const starts = [...new Set(infos.map(({ cluster }) => cluster))].sort((a, b) => a - b);
  const ends = new Map(starts.map((start, index) => [start, starts[index + 1] ?? text.length]));
  const groups: PlacedGlyph[][] = [];
  let previous = -1;
  for (const [index, { codepoint: id, cluster }] of infos.entries()) {
    const { xAdvance = 0, xOffset = 0, yOffset = 0 } = positions[index] ?? {};
    const glyph = { id, text: text.slice(cluster, ends.get(cluster)), xAdvance, xOffset, yOffset };
    if (cluster === previous) groups.at(-1)?.push(glyph);
    else groups.push([glyph]);
    previous = cluster;
  }
  return groups;
}
