import type { Block, Section } from "../document.ts";
import { render } from "../render.ts";
import { readPdf } from "./read-pdf.ts";

/** Renders blocks and reads their text back, its lines joined by spaces. */
export const renderedText = (...blocks: readonly Block[]): Promise<string> =>
  textOf([{ heading: "Section", blocks }]);

/** The same of each list of blocks; all are in one document, because fonts take longer than blocks. */
export async function renderedTexts(...all: readonly (readonly Block[])[]): Promise<string[]> {
  const text = await textOf(all.map((blocks) => ({ heading: "§§§", blocks })));
  return text.split("§§§").slice(1);
}

async function textOf(sections: readonly Section[]): Promise<string> {
  const bytes = await render({
    title: "Blocks",
    facts: [],
    paper: "a4",
    created: new Date("2026-11-22T18:00:00.000Z"),
    footer: "",
    sections,
  });
  const { pages } = await readPdf(bytes);
  return pages
    .map(({ text }) => text)
    .join(" ")
    .replaceAll(/\s+/g, " ");
}
