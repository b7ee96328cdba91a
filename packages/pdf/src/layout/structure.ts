import { type PDFDocument, PDFHexString, PDFName, PDFObject, type PDFPage, type PDFRef } from "pdf-lib";

/** Standard structure types (PDF 32000-1, 14.8.4). */
export type StructureType =
  | "Document"
  | "Sect"
  | "H1"
  | "H2"
  | "H3"
  | "P"
  | "BlockQuote"
  | "L"
  | "LI"
  | "Lbl"
  | "LBody"
  | "Table"
  | "TR"
  | "TH"
  | "TD"
  | "Figure";

/** What something on a page is, for those who have it read to them. The same tag may go on on another page. */
export interface Tag {
  readonly type: StructureType;
  /** What it is a part of; the document when absent. */
  readonly parent?: Tag | undefined;
  /** Instead of what can't be read to anybody, such as a chart. */
  readonly alt?: string | undefined;
  /** What a cell of a table (TH) is the heading of. */
  readonly scope?: "Column" | "Row" | undefined;
}

/** Content of a page that belongs to a tag. */
interface Mark {
  readonly page: PDFPage;
  /** Its marked-content identifier, which counts from 0 on each page. */
  readonly id: number;
}

interface Element {
  readonly tag: Tag;
  readonly ref: PDFRef;
  readonly kids: (Element | Mark)[];
}

/** The structure of a document, filled in the order in which its parts are drawn: the order of reading. */
export interface Structure {
  /** Makes a tag a part of the document, even one without content, such as an empty cell. */
  add(tag: Tag): void;
  /** Content of a page that belongs to a tag; answers its identifier on that page. */
  mark(tag: Tag, page: PDFPage): number;
  /** Writes it into the document, when all has been drawn. */
  write(): void;
}

/** A dictionary as it is written: thousands of cells are ten times slower as pdf-lib's maps of names. */
class WrittenObject extends PDFObject {
  private readonly text: string;

  constructor(text: string) {
    super();
    this.text = text;
  }

  override clone(): WrittenObject {
    return this;
  }

  override toString(): string {
    return this.text;
  }

  override sizeInBytes(): number {
    return this.text.length;
  }

  override copyBytesInto(buffer: Uint8Array, offset: number): number {
    return Buffer.from(buffer.buffer, buffer.byteOffset).write(this.text, offset, "latin1");
  }
}

/** @param direction in which lines, columns and rows of tables follow each other */
export function createStructure(pdf: PDFDocument, direction: "ltr" | "rtl" = "ltr"): Structure {
  const { context, catalog } = pdf;
  const rootRef = context.nextRef();
  const root: Element = { tag: { type: "Document" }, ref: context.nextRef(), kids: [] };
  const elements = new Map<Tag, Element>();
  const owners = new Map<PDFPage, Element[]>();

  function elementOf(tag: Tag): Element {
    const known = elements.get(tag);
    if (known !== undefined) return known;
    const parent = tag.parent === undefined ? root : elementOf(tag.parent);
    const element = { tag, ref: context.nextRef(), kids: [] };
    elements.set(tag, element);
    parent.kids.push(element);
    return element;
  }

  function writeElement({ tag, ref, kids }: Element, parent: PDFRef): void {
    const first = kids.find((kid): kid is Mark => "id" in kid);
    const written = kids.map((kid) => {
      if ("ref" in kid) return String(kid.ref);
      if (kid.page === first?.page) return String(kid.id);
      return `<</Type /MCR /Pg ${kid.page.ref} /MCID ${kid.id}>>`;
    });
    const parts = [
      `/S /${tag.type} /P ${parent}`,
      first === undefined ? "" : `/Pg ${first.page.ref}`,
      `/K [${written.join(" ")}]`,
      tag.alt === undefined ? "" : `/Alt ${PDFHexString.fromText(tag.alt.toWellFormed())}`,
      tag.scope === undefined ? "" : `/A <</O /Table /Scope /${tag.scope}>>`,
      // Inherited by all of it (PDF 32000-1, 14.8.5.4.2).
      tag === root.tag && direction === "rtl" ? "/A <</O /Layout /WritingMode /RlTb>>" : "",
    ];
    context.assign(ref, new WrittenObject(`<<${parts.filter((part) => part !== "").join(" ")}>>`));
    for (const kid of kids) if ("ref" in kid) writeElement(kid, ref);
  }

  return {
    add: elementOf,
    mark: (tag, page) => {
      const element = elementOf(tag);
      const own = owners.get(page) ?? [];
      owners.set(page, own);
      element.kids.push({ page, id: own.push(element) - 1 });
      return own.length - 1;
    },
    write: () => {
      writeElement(root, rootRef);
      const pages = [...owners].map(([page, own], index) => {
        page.node.set(PDFName.of("StructParents"), context.obj(index));
        return `${index} [${own.map(({ ref }) => String(ref)).join(" ")}]`;
      });
      const parentTree = context.register(new WrittenObject(`<</Nums [${pages.join(" ")}]>>`));
      const structTreeRoot = context.obj({
        Type: "StructTreeRoot",
        K: root.ref,
        ParentTree: parentTree,
        ParentTreeNextKey: pages.length,
      });
      context.assign(rootRef, structTreeRoot);
      catalog.set(PDFName.of("StructTreeRoot"), rootRef);
      catalog.set(PDFName.of("MarkInfo"), context.obj({ Marked: true }));
      for (const page of pdf.getPages()) page.node.set(PDFName.of("Tabs"), PDFName.of("S"));
    },
  };
}
