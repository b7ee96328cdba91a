import type { Block, Document, Section } from "@success-manager/pdf/document";

/** Finds in a document what a reader would look for. */

type Of<K extends Block["kind"]> = Extract<Block, { kind: K }>;

const ofKind = <K extends Block["kind"]>({ blocks }: Section, kind: K): Of<K>[] =>
  blocks.filter((block): block is Of<K> => block.kind === kind);

/** Blanks that keep dates on one line are blanks to who reads them. */
const words = (cell: string | { readonly text: string }) =>
  (typeof cell === "string" ? cell : cell.text).replaceAll("\u00a0", " ");

export function sectionOf({ sections }: Document, heading: string) {
  const section = sections.find((one) => one.heading === heading);
  if (!section) throw new Error(`${heading}: there is ${sections.map((one) => one.heading).join(", ")}`);
  return {
    about: section.about,
    /** Values by label. */
    tiles: Object.fromEntries(
      ofKind(section, "tiles").flatMap(({ tiles }) => tiles.map(({ label, value }) => [label, value])),
    ),
    notes: Object.fromEntries(
      ofKind(section, "tiles").flatMap(({ tiles }) => tiles.map(({ label, note }) => [label, note])),
    ),
    /** The rows of its tables, as texts. */
    tables: ofKind(section, "table").map(({ rows }) => rows.map((row) => row.map(words))),
    more: ofKind(section, "table").map(({ more }) => more),
    /** What stands at the end of bars, by label; one for each group of bars. */
    bars: ofKind(section, "barChart").map(({ bars }) =>
      Object.fromEntries(bars.map(({ label, valueText }) => [label, valueText])),
    ),
    parts: ofKind(section, "stackedBar").flatMap(({ parts }) =>
      parts.map(({ label, value }) => [label, value]),
    ),
    lines: ofKind(section, "lineChart"),
    texts: ofKind(section, "text").map(({ text }) => text),
    quotes: ofKind(section, "quotes").flatMap(({ quotes }) => quotes),
  };
}
