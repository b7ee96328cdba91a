import { type PDFDocument, PDFHexString, PDFName, type PDFPage } from "pdf-lib";

export interface Bookmark {
  readonly title: string;
  readonly page: PDFPage;
  /** Distance from the upper edge of the page, in points. */
  readonly top: number;
}

/** Adds the bookmarks that a PDF reader shows beside the pages (PDF 32000-1, 12.3.3). */
export function addOutline(pdf: PDFDocument, bookmarks: readonly Bookmark[]): void {
  if (bookmarks.length === 0) return;
  const { context } = pdf;
  const root = context.nextRef();
  const refs = bookmarks.map(() => context.nextRef());
  for (const [index, { title, page, top }] of bookmarks.entries()) {
    const ref = refs[index];
    if (ref === undefined) continue;
    const item = context.obj({
      Title: PDFHexString.fromText(title),
      Parent: root,
      Dest: [page.ref, "XYZ", null, page.getHeight() - top, null],
    });
    const previous = refs[index - 1];
    const next = refs[index + 1];
    if (previous !== undefined) item.set(PDFName.of("Prev"), previous);
    if (next !== undefined) item.set(PDFName.of("Next"), next);
    context.assign(ref, item);
  }
  const ends = { First: refs.at(0), Last: refs.at(-1) };
  context.assign(root, context.obj({ Type: "Outlines", ...ends, Count: refs.length }));
  pdf.catalog.set(PDFName.of("Outlines"), root);
}
