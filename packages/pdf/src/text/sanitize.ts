import type { Font } from "./font.ts";
import { eastAsianIn, isEmoji } from "./scripts.ts";

/** Printed in the place of a character that the fonts lack. */
const REPLACEMENT = "□";

const LINE_BREAK = /\r\n|[\n\r\v\f\u0085\u2028\u2029]/;
/** What most text is made of: our fonts have all of it, and none of it joins, combines or runs from right to left. */
export const PLAIN = /^[\x20-\x7e\u00a1-\u00ac\u00ae-\u017f\u2013\u2014\u2018-\u201e\u2022\u2026\u20ac]*$/;
const SPACES = /[\t\u1680\u2000-\u200a\u205f\u3000]/g;
/**
 * Embedded directions and overrides are removed: no name shall reorder what stands beside it. Isolates (U+2066 to
 * U+2069) stay, because they protect a name's surroundings; what emoji are put together with stays for now.
 */
const INVISIBLE =
  /(?!\p{Join_Control}|[\u2066-\u2069]|\ufe0e|\ufe0f|[\u{e0020}-\u{e007f}])[\p{Cc}\p{Default_Ignorable_Code_Point}]/gu;
/** Variations and tags mean something in emoji alone. */
const PARTS_OF_EMOJI = /\ufe0e|\ufe0f|[\u{e0020}-\u{e007f}]/gu;
/** Joiners matter between letters of Arabic and of India's scripts, and in emoji. */
const JOINED =
  "\\p{scx=Arabic}\\p{scx=Devanagari}\\p{scx=Bengali}\\p{scx=Gujarati}\\p{scx=Gurmukhi}\\p{scx=Kannada}" +
  "\\p{scx=Malayalam}\\p{scx=Sinhala}\\p{scx=Tamil}\\p{scx=Telugu}\\p{scx=Khmer}\\p{scx=Myanmar}" +
  "\\p{Extended_Pictographic}\\p{Emoji_Modifier}";
const UNUSED_JOINERS = new RegExp(
  `(?<![${JOINED}]\\p{M}*)\\p{Join_Control}|\\p{Join_Control}(?![${JOINED}])`,
  "gu",
);
/** More than three accents on a letter would reach into other lines. */
const PILED_MARKS = /(\p{M}{3})\p{M}+/gu;

const graphemes = new Intl.Segmenter("en", { granularity: "grapheme" });

/**
 * The lines of a text, reduced to what can be drawn: composed (NFC), without control characters, and with a visible
 * box for each character that no typeface has.
 */
export function sanitizeLines(text: string, font: Font): readonly string[] {
  return text.split(LINE_BREAK).map((line) => (PLAIN.test(line) ? line : sanitizeLine(line, font)));
}

/** A letter with its accents, an emoji of several: what is never torn. */
export const splitGraphemes = (text: string): readonly string[] =>
  Array.from(graphemes.segment(text), ({ segment }) => segment);

/** Offsets at which sanitized text may be cut: after each grapheme. */
export function graphemeEnds(text: string): readonly number[] {
  if (PLAIN.test(text)) return Array.from(text, (_, index) => index + 1);
  return Array.from(graphemes.segment(text), ({ index, segment }) => index + segment.length);
}

function sanitizeLine(line: string, font: Font): string {
  const composed = line
    .toWellFormed()
    .normalize("NFC")
    .replace(SPACES, " ")
    .replace(INVISIBLE, "")
    .replace(UNUSED_JOINERS, "")
    .replace(PILED_MARKS, "$1");
  const eastAsian = eastAsianIn(composed);
  return Array.from(graphemes.segment(composed), ({ segment, index }) => {
    const grapheme = isEmoji(segment) ? segment : segment.replace(PARTS_OF_EMOJI, "");
    return grapheme === "" ? "" : (font.fit(grapheme, eastAsian(index))?.text ?? REPLACEMENT);
  }).join("");
}
