import { PDFDocument } from "pdf-lib";
import { nothing } from "./blocks/nothing.ts";
import type { Document, Section } from "./document.ts";
import { fontFiles } from "./fonts.ts";
import { coverOf } from "./layout/cover.ts";
import { drawFurniture } from "./layout/furniture.ts";
import { pageCanvas } from "./layout/page-canvas.ts";
import { paginate } from "./layout/pages.ts";
import { margins, paperOf } from "./layout/paper.ts";
import type { Frame, Piece } from "./layout/piece.ts";
import { sectionPieces } from "./layout/section.ts";
import { addOutline, type Bookmark } from "./outline.ts";
import { embed } from "./text/embedding.ts";
import { recordingFace } from "./text/face.ts";
import { typesetter } from "./text/typesetter.ts";
import { gaps } from "./theme.ts";

const PRODUCT = "Success Manager";
const NOTHING = "There is nothing to show in this report.";

/**
 * Prints a document: a PDF of A4 or Letter pages. The same document gives the same bytes. What its texts contain
 * never makes it fail; a character that the fonts lack is a visible box.
 */
export async function render(document: Document): Promise<Uint8Array> {
  const files = await fontFiles();
  const faces = { regular: recordingFace(files.regular), bold: recordingFace(files.bold) };
  const type = typesetter(faces);
  const pdf = await PDFDocument.create({ updateMetadata: false });
  describe(pdf, document);

  const fonts = { regular: pdf.context.nextRef(), bold: pdf.context.nextRef() };
  const paper = paperOf(document);
  const frame: Frame = {
    width: paper.width - 2 * margins.side,
    height: paper.height - margins.top - margins.bottom,
    type,
  };
  const { pieces, starts } = piecesOf(document, frame);
  const pages = paginate(pieces, frame.height);
  const bookmarks: Bookmark[] = [];
  for (const [index, placed] of pages.entries()) {
    const page = pdf.addPage([paper.width, paper.height]);
    const canvas = pageCanvas(page, fonts);
    for (const { piece, top } of placed) {
      const section = starts.get(piece);
      if (section !== undefined) bookmarks.push({ title: section.heading, page, top: margins.top + top - 8 });
      piece.draw(canvas, margins.side, margins.top + top);
    }
    drawFurniture(canvas, document, type, { number: index + 1, of: pages.length });
  }
  addOutline(pdf, bookmarks);
  await Promise.all([
    embed(faces.regular, pdf.context, fonts.regular),
    embed(faces.bold, pdf.context, fonts.bold),
  ]);
  return pdf.save({ addDefaultPage: false, objectsPerTick: Number.POSITIVE_INFINITY });
}

/** All pieces of a document, and which of them begin a section. */
function piecesOf(
  document: Document,
  frame: Frame,
): { readonly pieces: readonly Piece[]; readonly starts: ReadonlyMap<Piece, Section> } {
  const starts = new Map<Piece, Section>();
  const sections = document.sections.flatMap((section) => {
    const pieces = sectionPieces(section, frame);
    if (pieces[0] !== undefined) starts.set(pieces[0], section);
    return pieces;
  });
  const body = sections.length > 0 ? sections : [{ ...nothing(frame, NOTHING), gap: gaps.section }];
  return { pieces: [...coverOf(document, frame), ...body], starts };
}

function describe(pdf: PDFDocument, document: Document): void {
  const title = document.title.toWellFormed();
  pdf.setTitle(title, { showInWindowTitleBar: true });
  pdf.setSubject((document.subtitle ?? document.title).toWellFormed());
  pdf.setAuthor(PRODUCT);
  pdf.setCreator(PRODUCT);
  pdf.setProducer("pdf-lib");
  pdf.setCreationDate(document.created);
  pdf.setModificationDate(document.created);
  pdf.setLanguage("en");
}
