import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { deflateSync } from "node:zlib";
import { type PDFContext, type PDFRef, PDFString } from "pdf-lib";
import { loadTypeface, type Typeface, type UsedGlyph } from "./font.ts";
import { subsetterPath, type TypefaceName } from "./font-files.ts";

/** Flag of a font descriptor: its characters are not those of the standard Latin set. */
const SYMBOLIC = 4;
/** Of DejaVu Sans, in thousandths of the font size; the file does not say it. */
const CAP_HEIGHT = 729;
/** At most so many lines may stand between `beginbfchar` and `endbfchar`. */
const MAX_MAP_LINES = 100;

/** The glyphs that a document uses of a typeface, by code; `ref` is the font that the pages have referred to. */
export interface FontToEmbed {
  readonly name: TypefaceName;
  readonly glyphs: ReadonlyMap<number, UsedGlyph>;
  readonly ref: PDFRef;
}

/** Embeds fonts as composite ones (PDF 32000-1, 9.7). To be called when all text has been drawn. */
export async function embedFonts(fonts: readonly FontToEmbed[], context: PDFContext): Promise<void> {
  const cutDown = await createSubsetter();
  for (const font of fonts) {
    const typeface = loadTypeface(font.name);
    const ids = [...font.glyphs.values()].map(({ id }) => id);
    embedFont(font, typeface, cutDown(typeface.file, ids), context);
  }
}

function embedFont(
  { glyphs, ref }: FontToEmbed,
  { face, font, perThousand }: Typeface,
  file: Uint8Array,
  context: PDFContext,
): void {
  const name = `${subsetTag(file)}+${face.getName(POSTSCRIPT_NAME, "en").replaceAll(/[^\w-]/g, "")}`;
  const { ascender, descender } = font.hExtents();
  const descriptor = context.obj({
    Type: "FontDescriptor",
    FontName: name,
    Flags: SYMBOLIC,
    FontBBox: boundingBox(face).map((side) => Math.round(side * perThousand)),
    ItalicAngle: 0,
    Ascent: Math.round(ascender * perThousand),
    Descent: Math.round(descender * perThousand),
    CapHeight: CAP_HEIGHT,
    StemV: 80,
    FontFile2: deflated(context, file, { Length1: file.length }),
  });
  const cidFont = context.obj({
    Type: "Font",
    Subtype: "CIDFontType2",
    BaseFont: name,
    CIDToGIDMap: deflated(context, glyphIds(glyphs)),
    CIDSystemInfo: { Registry: PDFString.of("Adobe"), Ordering: PDFString.of("Identity"), Supplement: 0 },
    FontDescriptor: context.register(descriptor),
    W: [1, [...glyphs.values()].map(({ width }) => width)],
  });
  const compositeFont = context.obj({
    Type: "Font",
    Subtype: "Type0",
    BaseFont: name,
    Encoding: "Identity-H",
    DescendantFonts: [context.register(cidFont)],
    ToUnicode: deflated(context, Buffer.from(toUnicodeMap(glyphs))),
  });
  context.assign(ref, compositeFont);
}

/** Compressed by Node: pdf-lib does it in JavaScript. */
const deflated = (context: PDFContext, bytes: Uint8Array, more: { readonly Length1?: number } = {}): PDFRef =>
  context.register(context.stream(deflateSync(bytes), { ...more, Filter: "FlateDecode" }));

const POSTSCRIPT_NAME = 6;

/** Left, bottom, right and top of all glyphs, in the file's units (OpenType 1.9, table `head`). */
function boundingBox(face: Typeface["face"]): readonly number[] {
  const head = face.referenceTable("head");
  if (head === undefined) return [0, 0, 0, 0];
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [36, 38, 40, 42].map((at) => view.getInt16(at));
}

/** Six capitals that tell this subset from others (PDF 32000-1, 9.6.4); equal for equal subsets. */
function subsetTag(file: Uint8Array): string {
  const digest = createHash("sha256").update(file).digest();
  return Array.from(digest.subarray(0, 6), (byte) => String.fromCharCode(65 + (byte % 26))).join("");
}

/** Indices of glyphs by code, two bytes each (PDF 32000-1, 9.7.4.3). Codes go up from 1. */
function glyphIds(glyphs: ReadonlyMap<number, UsedGlyph>): Uint8Array {
  const view = new DataView(new ArrayBuffer(2 * (glyphs.size + 1)));
  for (const [code, { id }] of glyphs) view.setUint16(2 * code, id);
  return new Uint8Array(view.buffer);
}

/** A `ToUnicode` map (PDF 32000-1, 9.10.3): which characters the codes of glyphs stand for. */
function toUnicodeMap(glyphs: ReadonlyMap<number, UsedGlyph>): string {
  const lines = Array.from(glyphs, ([code, { text }]) => `<${hex(code)}> <${utf16(text)}>`);
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

const utf16 = (text: string) =>
  Array.from({ length: text.length }, (_, at) => hex(text.charCodeAt(at))).join("");

const hex = (code: number) => code.toString(16).padStart(4, "0");

/** What we call of HarfBuzz's subsetter, which comes as bare WebAssembly: its pointers are numbers. */
interface Subsetter {
  readonly memory: WebAssembly.Memory;
  _initialize(): void;
  malloc(size: number): number;
  free(data: number): void;
  hb_blob_destroy(blob: number): void;
  hb_face_destroy(face: number): void;
  hb_subset_input_destroy(input: number): void;
  hb_blob_create(data: number, length: number, mode: number, user: number, destroy: number): number;
  hb_face_create(blob: number, index: number): number;
  hb_subset_input_create_or_fail(): number;
  hb_subset_input_set_flags(input: number, flags: number): void;
  hb_subset_input_set(input: number, kind: number): number;
  hb_subset_input_glyph_set(input: number): number;
  hb_set_add(set: number, value: number): void;
  hb_subset_or_fail(face: number, input: number): number;
  hb_face_reference_blob(face: number): number;
  hb_blob_get_data(blob: number, length: number): number;
  hb_blob_get_length(blob: number): number;
}

// hb-subset.h and hb-blob.h.
const WRITABLE = 2;
const NO_HINTING = 1;
/** A glyph keeps its index, by which the pages refer to it; what is empty between two compresses to nothing. */
const RETAIN_GLYPH_IDS = 2;
const TABLES_TO_DROP = 3;
/** A PDF has the text elsewhere: it needs outlines and widths alone. */
const DROPPED_TABLES = [
  "GSUB",
  "GPOS",
  "GDEF",
  "BASE",
  "STAT",
  "MATH",
  "cmap",
  "name",
  "OS/2",
  "post",
  "kern",
  "gasp",
  "vhea",
  "vmtx",
] as const;

/** What it takes for DejaVu. A larger one has cut down a font of Chinese, and is not kept for that. */
const MAX_KEPT_MEMORY = 16 * 1024 * 1024;

let subsetter: Promise<Subsetter> | undefined;

async function loadSubsetter(): Promise<Subsetter> {
  const instance = await WebAssembly.instantiate(await WebAssembly.compile(await readFile(subsetterPath())));
  const harfbuzz = instance.exports as Subsetter;
  harfbuzz._initialize();
  return harfbuzz;
}

/** Cuts font files down to some glyphs, one after the other. */
async function createSubsetter(): Promise<(file: Uint8Array, ids: readonly number[]) => Uint8Array> {
  subsetter ??= loadSubsetter();
  const harfbuzz = await subsetter.catch((error: unknown) => {
    subsetter = undefined;
    throw error;
  });
  return (file, ids) => {
    const data = harfbuzz.malloc(file.length);
    new Uint8Array(harfbuzz.memory.buffer).set(file, data);
    const whole = harfbuzz.hb_blob_create(data, file.length, WRITABLE, 0, 0);
    const face = harfbuzz.hb_face_create(whole, 0);
    const input = harfbuzz.hb_subset_input_create_or_fail();
    harfbuzz.hb_subset_input_set_flags(input, NO_HINTING | RETAIN_GLYPH_IDS);
    const dropped = harfbuzz.hb_subset_input_set(input, TABLES_TO_DROP);
    for (const tag of DROPPED_TABLES) harfbuzz.hb_set_add(dropped, Buffer.from(tag).readUInt32BE());
    const wanted = harfbuzz.hb_subset_input_glyph_set(input);
    for (const id of ids) harfbuzz.hb_set_add(wanted, id);
    const subset = harfbuzz.hb_subset_or_fail(face, input);
    if (subset === 0) throw new Error("HarfBuzz could not cut a font down: is its file damaged?");
    const blob = harfbuzz.hb_face_reference_blob(subset);
    const start = harfbuzz.hb_blob_get_data(blob, 0);
    // A copy: the memory is another one once it has grown.
    const cut = new Uint8Array(harfbuzz.memory.buffer).slice(
      start,
      start + harfbuzz.hb_blob_get_length(blob),
    );
    for (const one of [blob, whole]) harfbuzz.hb_blob_destroy(one);
    for (const one of [subset, face]) harfbuzz.hb_face_destroy(one);
    harfbuzz.hb_subset_input_destroy(input);
    harfbuzz.free(data);
    if (harfbuzz.memory.buffer.byteLength > MAX_KEPT_MEMORY) subsetter = undefined;
    return cut;
  };
}
