import bidiFactory from "bidi-js";

/**
 * A text and its directions by the Unicode bidirectional algorithm: a level for each of its code units, odd where
 * it runs to the left. No levels where all of it runs to the right.
 */
export interface Directed {
  readonly text: string;
  readonly base: 0 | 1;
  readonly levels: Uint8Array | undefined;
}

/** Every character that runs to the left is in one of the blocks kept for such scripts. */
const LEFTWARDS = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufeff\u{10800}-\u{10fff}\u{1e800}-\u{1efff}]/u;
/** Signs around a name in a sentence that keep its direction from the words beside it (isolates). */
const FENCES = /[\u2066-\u2069]/g;

const bidi = bidiFactory();

/** The directions of a paragraph, which begins as its first letter does; fences have done their work then. */
export function directed(fenced: string): Directed {
  const text = fenced.replace(FENCES, "");
  if (!LEFTWARDS.test(text)) return { text, base: 0, levels: undefined };
  const { levels, paragraphs } = bidi.getEmbeddingLevels(fenced, "auto");
  const fences = new Set(Array.from(fenced.matchAll(FENCES), ({ index }) => index));
  return {
    text,
    base: paragraphs[0]?.level === 1 ? 1 : 0,
    levels: levels.filter((_, at) => !fences.has(at)),
  };
}

/** The text that is drawn where it runs to the left: brackets look the other way there. */
export function mirrored(text: string): string {
  return Array.from(text, (character) => bidi.getMirroredCharacter(character) ?? character).join("");
}

/** Puts parts of a line, given as they are read, into the order in which they stand from left to right. */
export function visually<Part extends { readonly level: number }>(parts: readonly Part[]): readonly Part[] {
  const ordered = [...parts];
  const highest = Math.max(0, ...parts.map((part) => part.level));
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
