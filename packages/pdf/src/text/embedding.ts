import { createHash } from "node:crypto";
import { type PDFContext, type PDFRef, PDFString } from "pdf-lib";
import type { RecordingFace } from "./face.ts";
import { unicodeMap } from "./unicode-map.ts";

/** Bit of a font descriptor: its letters are no fixed set such as Latin ones. */
const SYMBOLIC = 4;
/** Of DejaVu Sans, in thousandths; the file does not say it. */
const CAP_HEIGHT = 729;

/**
 * Puts the letters that a document uses into it, as a composite font (PDF 32000-1, 9.7) whose codes are places of
 * letters. To be called when all text has been drawn; `ref` is the font that the pages have referred to.
 */
export async function embed(face: RecordingFace, context: PDFContext, ref: PDFRef): Promise<void> {
  const { font, used } = face;
  const name = `${tag([...used.values()].flatMap((glyph) => glyph.codePoints))}+${font.postscriptName}`;
  const scale = 1000 / font.unitsPerEm;
  const { minX, minY, maxX, maxY } = font.bbox;
  const descriptor = context.obj({
    Type: "FontDescriptor",
    FontName: name,
    Flags: SYMBOLIC,
    FontBBox: [minX, minY, maxX, maxY].map((side) => Math.round(side * scale)),
    ItalicAngle: 0,
    Ascent: Math.round(font.ascent * scale),
    Descent: Math.round(font.descent * scale),
    CapHeight: CAP_HEIGHT,
    StemV: 80,
    FontFile2: context.register(context.flateStream(await letters(face))),
  });
  const letterFont = context.obj({
    Type: "Font",
    Subtype: "CIDFontType2",
    BaseFont: name,
    CIDToGIDMap: "Identity",
    CIDSystemInfo: { Registry: PDFString.of("Adobe"), Ordering: PDFString.of("Identity"), Supplement: 0 },
    FontDescriptor: context.register(descriptor),
    W: [...used].flatMap(([code, { width }]) => [code, [width]]),
  });
  const composite = context.obj({
    Type: "Font",
    Subtype: "Type0",
    BaseFont: name,
    Encoding: "Identity-H",
    DescendantFonts: [context.register(letterFont)],
    ToUnicode: context.register(context.flateStream(unicodeMap(used))),
  });
  context.assign(ref, composite);
}

function letters({ subset }: RecordingFace): Promise<Uint8Array> {
  return new Promise((resolve) => {
    const chunks: Uint8Array[] = [];
    const stream = subset.encodeStream();
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("end", () => resolve(Buffer.concat(chunks)));
  });
}

/** Six capitals that tell this choice of letters from others (PDF 32000-1, 9.6.4). */
function tag(codePoints: readonly number[]): string {
  const digest = createHash("sha256").update(codePoints.join()).digest();
  return Array.from(digest.subarray(0, 6), (byte) => String.fromCharCode(65 + (byte % 26))).join("");
}
