/** Stands for a character that the font has no letter for. */
export const MISSING = "□";

const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** What most text is made of; our fonts have all of it, and nothing in it joins, combines or runs leftwards. */
const PLAIN = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac]*$/;
const SPACES = /[\t\u1680\u2000-\u200a\u205f\u3000]/g;
/** Directions are found out from the letters, and no name shall turn around what stands beside it: fences may stay. */
const INVISIBLE = /(?!\p{Join_Control}|[\u2066-\u2069])[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;
const KEPT = /^(?:\p{Join_Control}|[\u2066-\u2069])$/u;
/** Between Arabic letters they say how these join; elsewhere they have done their work. */
const IDLE_JOINERS = /(?<!\p{scx=Arab}\p{M}*)\p{Join_Control}|\p{Join_Control}(?!\p{scx=Arab})/gu;
/** Accents piled up until they reach into other lines. */
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The lines of a text, as its writer broke it, made of what can be drawn: composed (NFC), without control
 * characters, and with a visible box for each letter that the font lacks.
 */
export function cleanLines(text: string, has: (codePoint: number) => boolean): readonly string[] {
  return text.split(LINE_BREAK).map((line) => (PLAIN.test(line) ? line : cleanLine(line, has)));
}

/** Where a clean text may be cut without tearing a letter from its accents: the offset after each letter. */
export function letterEnds(text: string): readonly number[] {
  if (PLAIN.test(text)) return Array.from(text, (_, index) => index + 1);
  return Array.from(graphemes.segment(text), ({ index, segment }) => index + segment.length);
}

function cleanLine(line: string, has: (codePoint: number) => boolean): string {
  const composed = line
    .toWellFormed()
    .normalize("NFC")
    .replace(SPACES, " ")
    .replace(INVISIBLE, "")
    .replace(PILED_MARKS, "$1");
  const letters = Array.from(graphemes.segment(composed), ({ segment }) => drawable(segment, has));
  return letters.join("").replace(IDLE_JOINERS, "");
}

/** A letter with those of its accents that the font has. */
function drawable(letter: string, has: (codePoint: number) => boolean): string {
  const [base = "", ...rest] = letter;
  if (!isKnown(base, has)) return MISSING;
  return base + rest.filter((character) => isKnown(character, has)).join("");
}

function isKnown(character: string, has: (codePoint: number) => boolean): boolean {
  return KEPT.test(character) || has(character.codePointAt(0) ?? 0);
}
