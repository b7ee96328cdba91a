import { PDFDocument, type PDFRef, PDFStreamWriter } from "pdf-lib";
import { layoutSection } from "./blocks/section.ts";
import { emptyNote } from "./blocks/text.ts";
import { layoutTitleBlock } from "./blocks/title-block.ts";
import type { Document, Section } from "./document.ts";
import type { Fragment, LayoutContext } from "./layout/fragment.ts";
import { drawHeaderAndFooter, margins, PAGE_SIZES } from "./layout/page.ts";
import { paginate } from "./layout/paginate.ts";
import { pdfCanvas } from "./layout/pdf-canvas.ts";
import { createStructure } from "./layout/structure.ts";
import { addMetadata } from "./metadata.ts";
import { addOutline, type Bookmark } from "./outline.ts";
import { embedFonts } from "./text/embed-font.ts";
import { createFonts } from "./text/font.ts";
import type { TypefaceName } from "./text/font-files.ts";
import { createTypesetter } from "./text/typesetter.ts";
import { colors, spacing } from "./theme.ts";
import { languageOf, wordsOf } from "./words.ts";

/**
 * Objects are compressed in streams of so many. Cells of tables are alike: of 1 000 rows with six of them the file has
 * 198 KB with 1 000 in a stream, and 223 KB with the 50 of pdf-lib's own `save`.
 */
const OBJECTS_PER_STREAM = 1000;
/** A bookmark leads to a place a little above its heading, in points. */
const BOOKMARK_OFFSET = 8;

/**
 * Renders a document as a PDF of A4 or Letter pages. The same document gives the same bytes. What its texts contain
 * never makes it fail; a character that the fonts lack is a visible box.
 *
 * @throws RangeError when a length becomes NaN or infinite, which is a mistake of the code; Error when the font files
 * are missing
 */
export async function render(document: Document): Promise<Uint8Array> {
  const fonts = createFonts();
  const { locale, direction } = languageOf(document);
  const words = wordsOf(document);
  const typesetter = createTypesetter(fonts, direction);
  const pdf = await PDFDocument.create({ updateMetadata: false });
  addMetadata(pdf, document);

  const structure = createStructure(pdf, direction);
  const fontRefs = new Map<TypefaceName, PDFRef>();
  const fontRef = (typeface: TypefaceName) => {
    const ref = fontRefs.get(typeface) ?? pdf.context.nextRef();
    fontRefs.set(typeface, ref);
    return ref;
  };
  const pageSize = PAGE_SIZES[document.paper];
  const context: LayoutContext = {
    width: pageSize.width - 2 * margins.side,
    height: pageSize.height - margins.top - margins.bottom,
    typesetter,
    words,
    locale,
    accent: document.brand?.color ?? colors.brand,
  };
  // Pages refer to it; what it holds is written here, because the file is not saved by pdf-lib's own `save`.
  const logo = document.brand?.logo && (await pdf.embedPng(document.brand.logo.png));
  const { fragments, sectionStarts } = layoutDocument(document, context);
  const pages = paginate(fragments, context.height);
  const bookmarks: Bookmark[] = [];
  for (const [index, placedFragments] of pages.entries()) {
    const page = pdf.addPage([pageSize.width, pageSize.height]);
    const canvas = pdfCanvas(page, fontRef, structure, { logo, isMirrored: direction === "rtl" });
    for (const placed of placedFragments) {
      const top = margins.top + placed.top;
      const section = sectionStarts.get(placed.fragment);
      if (section !== undefined) bookmarks.push({ title: section.heading, page, top: top - BOOKMARK_OFFSET });
      const draw = () => placed.fragment.draw(canvas, margins.side, top);
      if (placed.isRepeated) canvas.repeat(draw);
      else draw();
    }
    canvas.repeat(() =>
      drawHeaderAndFooter(canvas, document, typesetter, { number: index + 1, count: pages.length }),
    );
    canvas.close();
  }
  addOutline(pdf, bookmarks);
  structure.write();
  const drawn = Array.from(fontRefs, ([name, ref]) => ({
    name,
    ref,
    glyphs: fonts.used.get(name) ?? new Map(),
  }));
  await embedFonts(drawn, pdf.context);
  await logo?.embed();
  return PDFStreamWriter.forContext(
    pdf.context,
    Number.POSITIVE_INFINITY,
    true,
    OBJECTS_PER_STREAM,
  ).serializeToBuffer();
}

/** All fragments of a document, and which of them begin a section. */
function layoutDocument(
  document: Document,
  context: LayoutContext,
): { readonly fragments: readonly Fragment[]; readonly sectionStarts: ReadonlyMap<Fragment, Section> } {
  const sectionStarts = new Map<Fragment, Section>();
  const body = document.sections.flatMap((section) => {
    const fragments = layoutSection(section, context);
    if (fragments[0] !== undefined) sectionStarts.set(fragments[0], section);
    return fragments;
  });
  if (body.length === 0) {
    const note = emptyNote(context, context.words.nothingInReport);
    body.push({ ...note, spaceBefore: spacing.section });
  }
  return { fragments: [...layoutTitleBlock(document, context), ...body], sectionStarts };
}
