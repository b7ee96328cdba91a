import {
  decodePDFRawStream,
  PDFArray,
  PDFDict,
  PDFDocument,
  PDFHexString,
  PDFName,
  PDFNumber,
  type PDFObject,
  type PDFPage,
  PDFRawStream,
  PDFRef,
} from "pdf-lib";
import { getDocument } from "pdfjs-dist/legacy/build/pdf.mjs";
import { expect } from "vitest";

/** Content of a page: marked, by its identifier on that page. Pages count from 0. */
interface Content {
  readonly page: number;
  readonly id: number;
  readonly text: string;
}

/** A part of a document as somebody hears it who has it read to them. */
export interface StructureNode {
  readonly type: string;
  readonly alt: string | undefined;
  readonly scope: string | undefined;
  readonly kids: readonly (StructureNode | Content)[];
}

const isContent = (kid: StructureNode | Content): kid is Content => "id" in kid;

/** All of a node's contents, in the order of reading. */
const contentsOf = (node: StructureNode): readonly Content[] =>
  node.kids.flatMap((kid) => (isContent(kid) ? [kid] : contentsOf(kid)));

/** What is read out: texts, and of figures their alternative. */
export const spokenText = (node: StructureNode): string =>
  (node.alt ?? node.kids.map((kid) => (isContent(kid) ? kid.text : spokenText(kid))).join(" "))
    .replaceAll(/\s+/g, " ")
    .trim();

/** All nodes of a type, in the order of reading. */
export const nodesOf = (node: StructureNode, ...types: readonly string[]): readonly StructureNode[] => [
  ...(types.includes(node.type) ? [node] : []),
  ...node.kids.flatMap((kid) => (isContent(kid) ? [] : nodesOf(kid, ...types))),
];

/**
 * Reads the structure of a PDF back, and expects of it what PDF/UA-1 (ISO 14289-1) asks for and a program can check:
 * all that is drawn is either marked as decoration or in exactly one place of the structure, in the order in which it
 * is drawn; tables are regular, and each of their columns has a heading; figures say what they show; headings leave no level out; the document has a title and
 * a language.
 */
export async function readStructure(bytes: Uint8Array): Promise<StructureNode> {
  const pdf = await PDFDocument.load(bytes);
  const pages = pdf.getPages();
  const texts = await readMarkedTexts(bytes, pages.map(replacements));
  expectDocument(pdf);
  for (const page of pages) expectMarkedDrawing(page);

  const { context, catalog } = pdf;
  const treeRoot = context.lookup(catalog.get(PDFName.of("StructTreeRoot")), PDFDict);
  const owners = readParentTree(treeRoot);
  const seen = new Set<string>();

  function readNode(ref: PDFObject | undefined, parent: PDFRef): StructureNode {
    if (!(ref instanceof PDFRef)) throw new Error("A structure element is no object of its own.");
    const node = context.lookup(ref, PDFDict);
    expect(node.get(PDFName.of("P"))).toBe(parent);
    const ownPage = node.get(PDFName.of("Pg"));
    const kids = context.lookupMaybe(node.get(PDFName.of("K")), PDFArray)?.asArray() ?? [];
    const attributes = context.lookupMaybe(node.get(PDFName.of("A")), PDFDict);
    const alt = node.get(PDFName.of("Alt"));
    return {
      type: nameOf(node.get(PDFName.of("S"))) ?? "",
      alt: alt instanceof PDFHexString ? alt.decodeText() : undefined,
      scope: nameOf(attributes?.get(PDFName.of("Scope"))),
      kids: kids.map((kid) => {
        if (kid instanceof PDFNumber) return content(ownPage, kid, ref);
        const mark = kid instanceof PDFDict ? kid : undefined;
        const id = mark?.get(PDFName.of("MCID"));
        return id instanceof PDFNumber ? content(mark?.get(PDFName.of("Pg")), id, ref) : readNode(kid, ref);
      }),
    };
  }

  function content(pageRef: PDFObject | undefined, id: PDFNumber, owner: PDFRef): Content {
    const page = pages.findIndex(({ ref }) => ref === pageRef);
    const key = `${page} ${id}`;
    expect(seen.has(key), `${key} has two places in the structure`).toBe(false);
    seen.add(key);
    expect(owners[page]?.[id.asNumber()], `owner of ${key}`).toBe(owner);
    return { page, id: id.asNumber(), text: texts[page]?.get(id.asNumber()) ?? "" };
  }

  const rootRef = catalog.get(PDFName.of("StructTreeRoot"));
  if (!(rootRef instanceof PDFRef)) throw new Error("The document has no structure.");
  const root = readNode(treeRoot.get(PDFName.of("K")), rootRef);
  for (const [page, marked] of texts.entries())
    for (const id of marked.keys()) expect(seen, "has no place in the structure").toContain(`${page} ${id}`);
  for (const [index, page] of pages.entries()) {
    expect(page.node.get(PDFName.of("StructParents"))).toEqual(PDFNumber.of(index));
    expect(nameOf(page.node.get(PDFName.of("Tabs")))).toBe("S");
  }
  expectNodes(root);
  return root;
}

const nameOf = (object: PDFObject | undefined) =>
  object instanceof PDFName ? object.decodeText() : undefined;

function readParentTree(treeRoot: PDFDict): readonly (readonly (PDFObject | undefined)[])[] {
  const numbers = treeRoot.lookup(PDFName.of("ParentTree"), PDFDict).lookup(PDFName.of("Nums"), PDFArray);
  const count = numbers.size() / 2;
  expect(treeRoot.lookup(PDFName.of("ParentTreeNextKey"), PDFNumber).asNumber()).toBe(count);
  return Array.from({ length: count }, (_, index) => {
    expect(numbers.lookup(2 * index, PDFNumber).asNumber()).toBe(index);
    return numbers.lookup(2 * index + 1, PDFArray).asArray();
  });
}

function expectDocument({ catalog, context }: PDFDocument): void {
  expect(
    context
      .lookup(catalog.get(PDFName.of("MarkInfo")), PDFDict)
      .get(PDFName.of("Marked"))
      ?.toString(),
  ).toBe("true");
  expect(catalog.getViewerPreferences()?.getDisplayDocTitle()).toBe(true);
  expect(catalog.get(PDFName.of("Lang"))?.toString()).toMatch(/^\(\w{2}\)$/);
  const metadata = context.lookup(catalog.get(PDFName.of("Metadata")));
  if (!(metadata instanceof PDFRawStream)) throw new Error("The document has no XMP.");
  const xmp = Buffer.from(metadata.getContents()).toString();
  expect(xmp).toContain("<pdfuaid:part>1</pdfuaid:part>");
  expect(xmp).toMatch(/<dc:title><rdf:Alt><rdf:li xml:lang="x-default">/);
}

/** What a page is drawn with: operators, one in a line, each behind its operands. */
function operatorsOf(page: PDFPage): readonly string[] {
  const contents = page.node.normalizedEntries().Contents?.asArray() ?? [];
  const streams = contents.map((ref) => page.doc.context.lookup(ref));
  return streams.flatMap((stream) => {
    // pdf-lib adds streams of its own to a page that it has read.
    if (!(stream instanceof PDFRawStream)) return [];
    return Buffer.from(decodePDFRawStream(stream).decode()).toString("latin1").split("\n");
  });
}

const operatorOf = (line: string) => line.slice(line.lastIndexOf(" ") + 1);

/** Of each part of a page's content that is marked, what it is read as instead of what it draws, if there is that. */
const replacements = (page: PDFPage): readonly (string | undefined)[] =>
  operatorsOf(page)
    .filter((line) => ["BDC", "BMC"].includes(operatorOf(line)))
    .map((line) => {
      const hex = /\/ActualText <([\dA-F]*)>/i.exec(line)?.[1];
      return hex === undefined ? undefined : PDFHexString.of(hex).decodeText();
    });

/** Whatever paints or shows is in marked content, and none is open at the end. */
function expectMarkedDrawing(page: PDFPage): void {
  const lines = operatorsOf(page);
  expect(lines).not.toEqual([]);
  let depth = 0;
  for (const line of lines) {
    const operator = operatorOf(line);
    if (operator === "BDC" || operator === "BMC") depth += 1;
    if (operator === "EMC") depth -= 1;
    if (["TJ", "Tj", "f", "S", "B", "b", "s", "f*", "B*", "Do", "sh"].includes(operator))
      expect(depth, line).toBeGreaterThan(0);
  }
  expect(depth).toBe(0);
}

/**
 * Texts by marked content, page by page, as they are to be read; expects that each is in one, or is decoration.
 *
 * @param replaced by page, what marked contents are read as
 */
async function readMarkedTexts(
  bytes: Uint8Array,
  replaced: readonly (readonly (string | undefined)[])[],
): Promise<readonly ReadonlyMap<number, string>[]> {
  const task = getDocument({ data: new Uint8Array(bytes), verbosity: 0 });
  try {
    const pdf = await task.promise;
    const numbers = Array.from({ length: pdf.numPages }, (_, index) => index + 1);
    return await Promise.all(
      numbers.map(async (number) => {
        const texts = new Map<number, string>();
        const open: (number | "artifact" | "span" | "replaced")[] = [];
        let marked = 0;
        /** Stands for what is drawn next; a space before that is not a part of it. */
        let instead: string | undefined;
        const add = (words: string) => {
          const place = open.find((one) => typeof one === "number");
          if (place !== undefined) texts.set(place, `${texts.get(place) ?? ""}${words}`);
        };
        const { items } = await (await pdf.getPage(number)).getTextContent({ includeMarkedContent: true });
        for (const item of items) {
          if ("str" in item) {
            const isBlank = item.str.trim() === "";
            const places = open.filter((one) => one !== "span" && one !== "replaced");
            if (!isBlank) expect(places, item.str).toHaveLength(1);
            if (!open.includes("replaced") || (isBlank && instead !== undefined)) {
              add(`${item.str}${item.hasEOL ? " " : ""}`);
            } else if (!isBlank && instead !== undefined) {
              add(instead);
              instead = undefined;
            }
          } else if (item.type === "endMarkedContent") {
            if (open.at(-1) === "replaced") add(instead ?? "");
            if (open.pop() === "replaced") instead = undefined;
          } else {
            const replacement = replaced[number - 1]?.[marked];
            marked += 1;
            if (replacement !== undefined && !open.includes("replaced")) {
              instead = replacement;
              open.push("replaced");
              continue;
            }
            const id = /_mc(\d+)$/.exec(item.id ?? "")?.[1];
            if (id !== undefined && !texts.has(Number(id))) texts.set(Number(id), "");
            open.push(
              id !== undefined ? Number(id) : "tag" in item && item.tag === "Artifact" ? "artifact" : "span",
            );
          }
        }
        return texts;
      }),
    );
  } finally {
    await task.destroy();
  }
}

function expectNodes(root: StructureNode): void {
  expect(root.type).toBe("Document");
  const order = contentsOf(root).map(({ page, id }) => [page, id]);
  expect(order).toEqual(order.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => a - c || b - d));
  for (const table of nodesOf(root, "Table")) {
    const rows = table.kids.map((row) => (isContent(row) ? [] : row.kids));
    expect(rows.length).toBeGreaterThan(1);
    for (const [index, cells] of rows.entries()) {
      expect(cells).toHaveLength(rows[0]?.length ?? 0);
      for (const [column, cell] of cells.entries()) {
        const scope = index === 0 ? "Column" : column === 0 ? "Row" : undefined;
        expect(cell).toMatchObject({ type: scope === undefined ? "TD" : "TH", scope });
        // Whoever hears a cell hears the heading of its column.
        if (scope === "Column" && !isContent(cell)) expect(spokenText(cell)).not.toBe("");
      }
    }
  }
  for (const figure of nodesOf(root, "Figure")) {
    expect(figure.alt?.trim()).toBeTruthy();
    expect(new Set(contentsOf(figure).map(({ page }) => page)).size).toBe(1);
  }
  for (const list of nodesOf(root, "L"))
    for (const item of list.kids) expect("type" in item && item.type).toBe("LI");
  let level = 0;
  for (const { type } of nodesOf(root, "H1", "H2", "H3")) {
    const own = Number(type.slice(1));
    expect(own).toBeLessThanOrEqual(level + 1);
    level = own;
  }
}
