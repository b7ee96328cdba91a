import { getDocument, type PDFPageProxy } from "pdfjs-dist/legacy/build/pdf.mjs";

/** A text on a page; its position is measured from the page's upper left corner, in points. */
export interface TextItem {
  readonly text: string;
  readonly left: number;
  readonly right: number;
  readonly baseline: number;
  readonly size: number;
}

export interface ReadPage {
  readonly width: number;
  readonly height: number;
  readonly textItems: readonly TextItem[];
  /** All text in the order of the file; a space where a line ends. */
  readonly text: string;
}

export interface ReadPdf {
  readonly pages: readonly ReadPage[];
  /** Title, Author, Language, CreationDate and others, as the file has them. */
  readonly info: Readonly<Record<string, unknown>>;
  readonly outline: readonly { readonly title: string; readonly page: number }[];
}

/** Reads a PDF back, as a program that shows it does. */
export async function readPdf(bytes: Uint8Array): Promise<ReadPdf> {
  // A copy, because it is given away, and no Buffer.
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  try {
    const pdf = await task.promise;
    const numbers = Array.from({ length: pdf.numPages }, (_, index) => index + 1);
    const pages = await Promise.all(numbers.map(async (number) => readPage(await pdf.getPage(number))));
    const { info } = await pdf.getMetadata();
    const items = (await pdf.getOutline()) ?? [];
    const outline = await Promise.all(
      items.map(async ({ title, dest }) => ({
        title,
        page: Array.isArray(dest) ? (await pdf.getPageIndex(dest[0])) + 1 : 0,
      })),
    );
    return { pages, info: { ...info }, outline };
  } finally {
    await task.destroy();
  }
}

async function readPage(page: PDFPageProxy): Promise<ReadPage> {
  const { width, height } = page.getViewport({ scale: 1 });
  const { items } = await page.getTextContent();
  const textItems = items.flatMap((item) => {
    if (!("str" in item) || item.str === "") return [];
    const [size = 0, , , , left = 0, bottom = 0]: readonly number[] = item.transform;
    return [{ text: item.str, left, right: left + item.width, baseline: height - bottom, size }];
  });
  const text = items.map((item) => ("str" in item ? item.str + (item.hasEOL ? " " : "") : "")).join("");
  return { width, height, textItems, text: text.replaceAll(/ +/g, " ") };
}
