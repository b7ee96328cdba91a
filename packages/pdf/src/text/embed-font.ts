import { createHash } from "node:crypto";
import { type PDFContext, type PDFRef, PDFString } from "pdf-lib";
import type { SubsetFont, UsedGlyph } from "./font.ts";

/** Flag of a font descriptor: its characters are not those of the standard Latin set. */
const SYMBOLIC = 4;
/** Of DejaVu Sans, in thousandths of the font size; the file does not say it. */
const CAP_HEIGHT = 729;
/** At most so many lines may stand between `beginbfchar` and `endbfchar`. */
const MAX_MAP_LINES = 100;

/**
 * Embeds the glyphs that a document uses, as a composite font (PDF 32000-1, 9.7) whose codes are indices of its
 * glyphs. To be called when all text has been drawn; `ref` is the font that the pages have referred to.
 */
export async function embedFont(font: SubsetFont, context: PDFContext, ref: PDFRef): Promise<void> {
  const { fontkitFont, usedGlyphs } = font;
  const name = `${subsetTag([...usedGlyphs.values()])}+${fontkitFont.postscriptName}`;
  const perThousand = 1000 / fontkitFont.unitsPerEm;
  const { minX, minY, maxX, maxY } = fontkitFont.bbox;
  const descriptor = context.obj({
    Type: "FontDescriptor",
    FontName: name,
    Flags: SYMBOLIC,
    FontBBox: [minX, minY, maxX, maxY].map((side) => Math.round(side * perThousand)),
    ItalicAngle: 0,
    Ascent: Math.round(fontkitFont.ascent * perThousand),
    Descent: Math.round(fontkitFont.descent * perThousand),
    CapHeight: CAP_HEIGHT,
    StemV: 80,
    FontFile2: context.register(context.flateStream(await encodeSubset(font))),
  });
  const cidFont = context.obj({
    Type: "Font",
    Subtype: "CIDFontType2",
    BaseFont: name,
    CIDToGIDMap: "Identity",
    CIDSystemInfo: { Registry: PDFString.of("Adobe"), Ordering: PDFString.of("Identity"), Supplement: 0 },
    FontDescriptor: context.register(descriptor),
    W: [...usedGlyphs].flatMap(([code, { width }]) => [code, [width]]),
  });
  const compositeFont = context.obj({
    Type: "Font",
    Subtype: "Type0",
    BaseFont: name,
    Encoding: "Identity-H",
    DescendantFonts: [context.register(cidFont)],
    ToUnicode: context.register(context.flateStream(toUnicodeMap(usedGlyphs))),
  });
  context.assign(ref, compositeFont);
}

function encodeSubset({ subset }: SubsetFont): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    const stream = subset.encodeStream();
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => resolve(Buffer.concat(chunks)));
  });
}

/** Six capitals that tell this subset from others (PDF 32000-1, 9.6.4); equal for equal subsets. */
function subsetTag(glyphs: readonly UsedGlyph[]): string {
  const codePoints = glyphs.flatMap((glyph) => glyph.codePoints);
  const digest = createHash("sha256").update(codePoints.join()).digest();
  return Array.from(digest.subarray(0, 6), (byte) => String.fromCharCode(65 + (byte % 26))).join("");
}

/** A `ToUnicode` map (PDF 32000-1, 9.10.3): which characters the codes of glyphs stand for. */
function toUnicodeMap(usedGlyphs: ReadonlyMap<number, UsedGlyph>): string {
  const lines = [...usedGlyphs]
    .filter(([, { codePoints }]) => codePoints.length > 0)
    .map(([code, { codePoints }]) => `<${hex(code)}> <${utf16(codePoints)}>`);
  const sections = Array.from({ length: Math.ceil(lines.length / MAX_MAP_LINES) }, (_, index) =>
    lines.slice(index * MAX_MAP_LINES, (index + 1) * MAX_MAP_LINES),
  );
  return [
    "/CIDInit /ProcSet findresource begin",
    "12 dict begin",
    "begincmap",
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def",
    "/CMapName /Adobe-Identity-UCS def",
    "/CMapType 2 def",
    "1 begincodespacerange",
    "<0000> <ffff>",
    "endcodespacerange",
    ...sections.flatMap((section) => [`${section.length} beginbfchar`, ...section, "endbfchar"]),
    "endcmap",
    "CMapName currentdict /CMap defineresource pop",
    "end",
    "end",
  ].join("\n");
}

function utf16(codePoints: readonly number[]): string {
  const text = String.fromCodePoint(...codePoints);
  return Array.from({ length: text.length }, (_, at) => hex(text.charCodeAt(at))).join("");
}

function hex(code: number): string {
  return code.toString(16).padStart(4, "0");
}
