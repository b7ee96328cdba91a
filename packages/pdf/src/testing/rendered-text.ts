import type { Block } from "../document.ts";
import { render } from "../render.ts";
import { readPdf } from "./read-pdf.ts";

/** Renders blocks and reads their text back, its lines joined by spaces. */
export async function renderedText(...blocks: readonly Block[]): Promise<string> {
  const bytes = await render({
    title: "Blocks",
    facts: [],
    paper: "a4",
    created: new Date("2026-11-22T18:00:00.000Z"),
    footer: "",
    sections: [{ heading: "Section", blocks }],
  });
  const { pages } = await readPdf(bytes);
  return pages
    .map(({ text }) => text)
    .join(" ")
    .replaceAll(/\s+/g, " ");
}
