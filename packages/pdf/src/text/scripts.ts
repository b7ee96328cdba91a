import type { TypefaceName } from "./font-files.ts";

/** Typefaces of the scripts that share the Han characters, each of which they draw in their own way. */
export type EastAsian = "chinese" | "japanese" | "korean";

const KANA = /[\p{Script=Hiragana}\p{Script=Katakana}]/u;
const HANGUL = /\p{Script=Hangul}/u;
const KANA_OR_HANGUL = new RegExp(`${KANA.source}|${HANGUL.source}`, "gu");
/** With their punctuation and their full-width letters. */
const EAST_ASIAN =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Bopomofo}\u3000-\u303f\uff00-\uffef\u{1f200}-\u{1f2ff}]/u;
const EAST_ASIAN_TYPEFACES = ["chinese", "japanese", "korean"] as const;
/** Arabic too: that of DejaVu lacks letters of Urdu and others, and letters of two typefaces do not join. */
const OTHER_SCRIPTS: readonly (readonly [RegExp, TypefaceName])[] = [
  [/\p{Script=Arabic}/u, "arabic"],
  [/\p{Script=Thai}/u, "thai"],
  [/\p{scx=Devanagari}/u, "devanagari"],
  [/\p{Script=Bengali}/u, "bengali"],
  [/\p{Script=Ethiopic}/u, "ethiopic"],
  [/\p{Script=Gujarati}/u, "gujarati"],
  [/\p{Script=Gurmukhi}/u, "gurmukhi"],
  [/\p{Script=Kannada}/u, "kannada"],
  [/\p{Script=Khmer}/u, "khmer"],
  [/\p{Script=Lao}/u, "lao"],
  [/\p{Script=Malayalam}/u, "malayalam"],
  [/\p{Script=Myanmar}/u, "myanmar"],
  [/\p{Script=Sinhala}/u, "sinhala"],
  [/\p{Script=Tamil}/u, "tamil"],
  [/\p{Script=Telugu}/u, "telugu"],
];
const PICTOGRAPH = /\p{Extended_Pictographic}/u;
/** What is shown as an emoji and not as a sign of text (Unicode Technical Standard 51). */
const EMOJI =
  /^(?!.\ufe0e)(?:\p{Emoji_Presentation}|\p{Extended_Pictographic}(?:\ufe0f|\u200d|\p{Emoji_Modifier})|[#*\d]\ufe0f?\u20e3)/u;
/** Scripts whose words stand without spaces: `Intl.Segmenter` knows where one ends. */
const UNSPACED =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}]/u;

/**
 * The language that a voice takes for what is set in a typeface: the one that most who write it speak. Latin, Greek,
 * Cyrillic and Hebrew are read in the document's.
 */
export const LANGUAGES: Partial<Record<TypefaceName, string>> = {
  chinese: "zh",
  japanese: "ja",
  korean: "ko",
  arabic: "ar",
  thai: "th",
  devanagari: "hi",
  bengali: "bn",
  ethiopic: "am",
  gujarati: "gu",
  gurmukhi: "pa",
  kannada: "kn",
  khmer: "km",
  lao: "lo",
  malayalam: "ml",
  myanmar: "my",
  sinhala: "si",
  tamil: "ta",
  telugu: "te",
};

export const isEmoji = (grapheme: string): boolean => EMOJI.test(grapheme);

export const hasUnspacedWords = (text: string): boolean => UNSPACED.test(text);

/**
 * Which East Asian typeface the Han characters at an offset of a text are set in: that of the kana or of the Hangul
 * next to them, in whatever distance; Chinese where the text has neither.
 */
export function eastAsianIn(text: string): (at: number) => EastAsian {
  const signs = Array.from(text.matchAll(KANA_OR_HANGUL), ({ 0: sign, index }) => ({
    index,
    typeface: KANA.test(sign) ? ("japanese" as const) : ("korean" as const),
  }));
  const [first] = signs;
  if (first === undefined) return () => "chinese";
  if (signs.every(({ typeface }) => typeface === first.typeface)) return () => first.typeface;
  return (at) =>
    signs.reduce((nearest, sign) =>
      Math.abs(sign.index - at) < Math.abs(nearest.index - at) ? sign : nearest,
    ).typeface;
}

/** Typefaces that may have a grapheme, the fitting one first. */
export function typefacesFor(
  grapheme: string,
  latin: "regular" | "bold",
  eastAsian: EastAsian,
): readonly TypefaceName[] {
  if (isEmoji(grapheme)) return ["emoji", latin];
  if (EAST_ASIAN.test(grapheme)) {
    const own = KANA.test(grapheme) ? "japanese" : HANGUL.test(grapheme) ? "korean" : eastAsian;
    return [latin, own, ...EAST_ASIAN_TYPEFACES.filter((typeface) => typeface !== own)];
  }
  const other = OTHER_SCRIPTS.find(([script]) => script.test(grapheme));
  if (other !== undefined) return [other[1], latin];
  return PICTOGRAPH.test(grapheme) ? [latin, "emoji"] : [latin];
}
