import { type PDFDocument, PDFName, ReadingDirection } from "pdf-lib";
import type { Document } from "./document.ts";
import { languageOf } from "./words.ts";

const PROGRAM = "Success Manager";

/**
 * What a document says about itself: in its information dictionary, in XMP (ISO 16684-1) for programs that look there,
 * its language, and that a reader's window shows its title. It is tagged by the rules of PDF/UA-1 (ISO 14289-1), and
 * says so.
 */
export function addMetadata(pdf: PDFDocument, document: Document): void {
  const title = document.title.toWellFormed();
  const subject = (document.subtitle ?? document.title).toWellFormed();
  pdf.setTitle(title, { showInWindowTitleBar: true });
  pdf.setSubject(subject);
  const author = (document.brand?.name ?? PROGRAM).toWellFormed();
  pdf.setAuthor(author);
  pdf.setCreator(PROGRAM);
  pdf.setProducer("pdf-lib");
  pdf.setCreationDate(document.created);
  pdf.setModificationDate(document.created);
  const language = languageOf(document);
  pdf.setLanguage(language.tag);
  // Where two pages stand side by side, the first one stands on the right.
  if (language.direction === "rtl")
    pdf.catalog.getOrCreateViewerPreferences().setReadingDirection(ReadingDirection.R2L);
  // Not compressed, so that programs find it which do not read PDF.
  const xmp = pdf.context.stream(
    Buffer.from(xmpPacket({ title, subject, author, language: language.tag }, document.created)),
    {
      Type: "Metadata",
      Subtype: "XML",
    },
  );
  pdf.catalog.set(PDFName.of("Metadata"), pdf.context.register(xmp));
}

function xmpPacket(
  { title, subject, author, language }: Readonly<Record<"title" | "subject" | "author" | "language", string>>,
  created: Date,
): string {
  const date = `${created.toISOString().slice(0, 19)}Z`;
  const alternative = (text: string) =>
    `<rdf:Alt><rdf:li xml:lang="x-default">${escapeXml(text)}</rdf:li></rdf:Alt>`;
  return `<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/">
<dc:format>application/pdf</dc:format>
<dc:title>${alternative(title)}</dc:title>
<dc:description>${alternative(subject)}</dc:description>
<dc:creator><rdf:Seq><rdf:li>${escapeXml(author)}</rdf:li></rdf:Seq></dc:creator>
<dc:language><rdf:Bag><rdf:li>${language}</rdf:li></rdf:Bag></dc:language>
<xmp:CreatorTool>${PROGRAM}</xmp:CreatorTool>
<xmp:CreateDate>${date}</xmp:CreateDate>
<xmp:ModifyDate>${date}</xmp:ModifyDate>
<pdf:Producer>pdf-lib</pdf:Producer>
<pdfuaid:part>1</pdfuaid:part>
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>`;
}

/** Text as XML 1.0 may have it: it knows no control characters, not even escaped. */
const escapeXml = (text: string) =>
  text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;");
