import bidiFactory from "bidi-js";

/**
 * A text with its embedding levels by the Unicode bidirectional algorithm: one for each of its code units, odd where
 * it runs from right to left. No levels where all of it runs from left to right.
 */
export interface BidiText {
  readonly text: string;
  /** Direction of the paragraph: 0 from left to right, 1 from right to left. */
  readonly baseLevel: 0 | 1;
  readonly levels: Uint8Array | undefined;
}

/** Every character that runs from right to left is in one of the blocks kept for such scripts. */
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Isolates around a name in a sentence keep the name's direction from the words beside it. */
const ISOLATES = /[\u2066-\u2069]/g;

const bidi = bidiFactory();

/**
 * The levels of a paragraph. Its direction is that of its first letter; on a page from right to left it is that of the
 * page, where it has any such letter: a sentence may begin with a foreign name. Isolates are removed afterwards.
 */
export function resolveLevels(paragraph: string, page: "ltr" | "rtl" = "ltr"): BidiText {
  const text = paragraph.replace(ISOLATES, "");
  if (!RIGHT_TO_LEFT.test(text)) return { text, baseLevel: 0, levels: undefined };
  const { levels, paragraphs } = bidi.getEmbeddingLevels(paragraph, page === "rtl" ? "rtl" : "auto");
  const isolates = new Set(Array.from(paragraph.matchAll(ISOLATES), ({ index }) => index));
  return {
    text,
    baseLevel: paragraphs[0]?.level === 1 ? 1 : 0,
    levels: levels.filter((_, at) => !isolates.has(at)),
  };
}

/** Brackets and other mirrored characters as they are drawn from right to left. */
export function mirrorBrackets(text: string): string {
  return Array.from(text, (character) => bidi.getMirroredCharacter(character) ?? character).join("");
}

/** Puts the runs of a line from reading order into visual order, from left to right (rule L2 of the algorithm). */
export function reorderVisual<Run extends { readonly level: number }>(runs: readonly Run[]): readonly Run[] {
  const ordered = [...runs];
  const highest = Math.max(0, ...runs.map((run) => run.level));
  for (let level = highest; level > 0; level -= 1) {
    for (let from = 0; from < ordered.length; from += 1) {
      let to = from;
      while ((ordered[to]?.level ?? -1) >= level) to += 1;
      if (to - from > 1) ordered.splice(from, to - from, ...ordered.slice(from, to).reverse());
      from = Math.max(from, to - 1);
    }
  }
  return ordered;
}
