/** Printed in the place of a character that the fonts lack. */
const REPLACEMENT = "□";

const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** What most text is made of: our fonts have all of it, and none of it joins, combines or runs from right to left. */
const PLAIN = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac]*$/;
const SPACES = /[\t\u1680\u2000-\u200a\u205f\u3000]/g;
/**
 * Embedded directions and overrides are removed: no name shall reorder what stands beside it. Isolates (U+2066 to
 * U+2069) stay, because they protect a name's surroundings, and joiners stay for now.
 */
const INVISIBLE = /(?!\p{Join_Control}|[\u2066-\u2069])[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;
const CONTROLS_KEPT = /^(?:\p{Join_Control}|[\u2066-\u2069])$/u;
/** Joiners matter between Arabic letters only. */
const UNUSED_JOINERS = /(?<!\p{scx=Arab}\p{M}*)\p{Join_Control}|\p{Join_Control}(?!\p{scx=Arab})/gu;
/** More than three accents on a letter would reach into other lines. */
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The lines of a text, reduced to what can be drawn: composed (NFC), without control characters, and with a visible
 * box for each character that the font lacks, as `has` says.
 */
export function sanitizeLines(text: string, has: (codePoint: number) => boolean): readonly string[] {
  return text.split(LINE_BREAK).map((line) => (PLAIN.test(line) ? line : sanitizeLine(line, has)));
}

/** Offsets at which sanitized text may be cut without tearing a letter from its accents: after each grapheme. */
export function graphemeEnds(text: string): readonly number[] {
  if (PLAIN.test(text)) return Array.from(text, (_, index) => index + 1);
  return Array.from(graphemes.segment(text), ({ index, segment }) => index + segment.length);
}

function sanitizeLine(line: string, has: (codePoint: number) => boolean): string {
  const composed = line
    .toWellFormed()
    .normalize("NFC")
    .replace(SPACES, " ")
    .replace(INVISIBLE, "")
    .replace(PILED_MARKS, "$1");
  const characters = Array.from(graphemes.segment(composed), ({ segment }) => keepAvailable(segment, has));
  return characters.join("").replace(UNUSED_JOINERS, "");
}

/** A grapheme with those of its accents that the font has. */
function keepAvailable(grapheme: string, has: (codePoint: number) => boolean): string {
  const [base = "", ...rest] = grapheme;
  if (!isAvailable(base, has)) return REPLACEMENT;
  return base + rest.filter((character) => isAvailable(character, has)).join("");
}

function isAvailable(character: string, has: (codePoint: number) => boolean): boolean {
  return CONTROLS_KEPT.test(character) || has(character.codePointAt(0) ?? 0);
}
