import { PDFDocument } from "pdf-lib";
import { layoutSection } from "./blocks/section.ts";
import { emptyNote } from "./blocks/text.ts";
import { layoutTitleBlock } from "./blocks/title-block.ts";
import type { Document, Section } from "./document.ts";
import type { Fragment, LayoutContext } from "./layout/fragment.ts";
import { drawHeaderAndFooter, margins, PAGE_SIZES } from "./layout/page.ts";
import { fitPages } from "./layout/paginate.ts";
import { pdfCanvas } from "./layout/pdf-canvas.ts";
import { addOutline, type Bookmark } from "./outline.ts";
import { embedFont } from "./text/embed-font.ts";
import { subsetFont } from "./text/font.ts";
import { loadFontFiles } from "./text/font-files.ts";
import { createTypesetter } from "./text/typesetter.ts";
import { spacing } from "./theme.ts";

const AUTHOR = "Success Manager";
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
  const files = await loadFontFiles();
  const fonts = { regular: subsetFont(files.regular), bold: subsetFont(files.bold) };
  const typesetter = createTypesetter(fonts);
  const pdf = await PDFDocument.create({ updateMetadata: false });
  setMetadata(pdf, document);

  const fontRefs = { regular: pdf.context.nextRef(), bold: pdf.context.nextRef() };
  const pageSize = PAGE_SIZES[document.paper];
  const context: LayoutContext = {
    width: pageSize.width - 2 * margins.side,
    height: pageSize.height - margins.top - margins.bottom,
    typesetter,
  };
  const { fragments, sectionStarts } = layoutDocument(document, context);
  const pages = fitPages(fragments, context.height);
  const bookmarks: Bookmark[] = [];
  for (const [index, placedFragments] of pages.entries()) {
    const page = pdf.addPage([pageSize.width, pageSize.height]);
    const canvas = pdfCanvas(page, fontRefs);
    for (const placed of placedFragments) {
      const top = margins.top + placed.top;
      const section = sectionStarts.get(placed.fragment);
      if (section !== undefined) bookmarks.push({ title: section.heading, page, top: top - BOOKMARK_OFFSET });
      placed.fragment.draw(canvas, margins.side, top);
    }
    drawHeaderAndFooter(canvas, document, typesetter, { number: index + 1, count: pages.length });
  }
  addOutline(pdf, bookmarks);
  await Promise.all([
    embedFont(fonts.regular, pdf.context, fontRefs.regular),
    embedFont(fonts.bold, pdf.context, fontRefs.bold),
  ]);
  return pdf.save({ addDefaultPage: false, objectsPerTick: Number.POSITIVE_INFINITY });
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
    const note = emptyNote(context, "There is nothing to show in this report.");
    body.push({ ...note, spaceBefore: spacing.section });
  }
  return { fragments: [...layoutTitleBlock(document, context), ...body], sectionStarts };
}

function setMetadata(pdf: PDFDocument, document: Document): void {
  const title = document.title.toWellFormed();
  pdf.setTitle(title, { showInWindowTitleBar: true });
  pdf.setSubject((document.subtitle ?? document.title).toWellFormed());
  pdf.setAuthor(AUTHOR);
  pdf.setCreator(AUTHOR);
  pdf.setProducer("pdf-lib");
  pdf.setCreationDate(document.created);
  pdf.setModificationDate(document.created);
  pdf.setLanguage("en");
}
