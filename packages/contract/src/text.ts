/**
 * When two texts are the same, and in which order they stand. One notion for what is stored, unique, searched and
 * sorted (decisions 8 and 10).
 */

/** What separates words, and letters that look like a blank: fillers of Hangul, the empty braille cell and note head. */
const BLANKS = /[\s\u0085\u2800\u3164\uFFA0\u{1D159}]+/gv;
/** Looks at a run of blanks once, however long it is. */
const OUTER_BLANKS =
  /^[\s\u0085\u2800\u3164\uFFA0\u{1D159}]+|(?<![\s\u0085\u2800\u3164\uFFA0\u{1D159}])[\s\u0085\u2800\u3164\uFFA0\u{1D159}]+$/gv;
const LINE_BREAKS = /\r\n|[\n\v\f\r\u0085\u2028\u2029]/gv;

/** A character that leaves a mark on paper. Combining marks alone and private characters can't be read by anybody. */
const VISIBLE =
  /[[\p{L}\p{N}\p{P}\p{S}\p{Cn}]--[\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\u2800\u{1D159}]]/v;

/** Whether a person sees anything of a text. */
export const isVisible = (text: string): boolean => VISIBLE.test(text);

/**
 * Characters that are not seen, each alternative with those that are kept because a text would be shown wrong without
 * them. `drop` is the last.
 */
const INVISIBLE = new RegExp(
  [
    // The flag of a region: a black flag and tags.
    /\u{1F3F4}[\u{E0020}-\u{E007E}]+\u{E007F}/v,
    // Joiners within scripts that are cursive or have conjuncts; at the end of a word they follow a virama.
    /(?<=[\p{scx=Arab}\p{scx=Syrc}\p{scx=Mong}\p{scx=Nko}\p{scx=Deva}\p{scx=Beng}\p{scx=Guru}\p{scx=Gujr}\p{scx=Orya}\p{scx=Taml}\p{scx=Telu}\p{scx=Knda}\p{scx=Mlym}\p{scx=Sinh}\p{scx=Khmr}\p{scx=Mymr}\p{scx=Tibt}])[\u200C\u200D](?=[[\p{L}\p{M}]--\p{Default_Ignorable_Code_Point}])/v,
    /(?<=[\u094D\u09CD\u0A4D\u0ACD\u0B4D\u0BCD\u0C4D\u0CCD\u0D4D\u0DCA])[\u200C\u200D]/v,
    // Joined emoji: a family, a profession, a flag.
    /(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}]\uFE0F?)\u200D(?=\p{Extended_Pictographic})/v,
    // A variant of the character before: an emoji in color, the old form of a Han character, Mongolian letters.
    /(?<=[[\p{L}\p{N}\p{P}\p{S}]--[\u2800\u3164\uFFA0\u{1D159}]])[\uFE00-\uFE0F\u{E0100}-\u{E01EF}\u180B-\u180D\u180F]/v,
    // Format characters that are shown, such as signs before Arabic numbers, and fillers that count as blanks or jamo.
    /[\u0600-\u0605\u06DD\u070F\u0890\u0891\u08E2\u{110BD}\u{110CD}\u{13430}-\u{1343F}\u115F\u1160\u3164\uFFA0]/v,
    /(?<drop>[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}])/v,
  ]
    .map(({ source }) => source)
    .join("|"),
  "gv",
);

const dropInvisible = (text: string, kept: string) =>
  text.replace(INVISIBLE, (match, ...rest) => {
    const { drop }: { drop?: string } = rest.at(-1);
    return drop === undefined || kept.includes(match) ? match : "";
  });

/**
 * Composed, without what is not seen, trimmed: until nothing changes, as what is dropped may have kept a letter apart
 * from its mark, and a joiner that stood behind the mark is not seen behind the letter.
 *
 * @param kept control characters that stay
 */
function cleaned(text: string, kept = ""): string {
  const next = dropInvisible(text.normalize("NFC"), kept).replace(OUTER_BLANKS, "").normalize("NFC");
  return next === text ? text : cleaned(next, kept);
}

const isPlain = (text: string) => /^[\x20-\x7e]*$/.test(text);

/**
 * A line as it is stored: composed (NFC), trimmed, without control and format characters. Line breaks become blanks.
 * Joiners stay inside emoji and in scripts that need them.
 */
export function cleanLine(text: string): string {
  if (isPlain(text)) return text.trim();
  return cleaned(text.replace(LINE_BREAKS, " ").replaceAll("\t", " "));
}

/** Paragraphs as they are stored: like a line, with line breaks as `\n`, and with tabs. */
export function cleanText(text: string): string {
  if (isPlain(text)) return text.trim();
  return cleaned(text.replace(LINE_BREAKS, "\n"), "\n\t");
}

/**
 * Full case folding (Unicode, CaseFolding.txt, C and F), by way of upper case: `Straße` and `STRASSE` are the same. It
 * goes further in one letter: the dotless i of Turkish is an i, because its capital is an I.
 */
const foldCase = (text: string) => text.toLowerCase().toUpperCase().toLowerCase().replaceAll("ς", "σ");

/** What is not seen at all; line breaks and fillers count as blanks. */
const UNSEEN = /[[[\p{Cc}\p{Cf}\p{Default_Ignorable_Code_Point}]--[\u0085\u3164\uFFA0]]--\s]|\uFEFF/gv;

/**
 * Equal for two texts that a person takes for the same, whatever their case, blanks, composition (NFC, NFD), width and
 * other compatibility forms (NFKC) and invisible characters. Names, labels and addresses are unique by it.
 */
export function uniqueForm(text: string): string {
  if (isPlain(text)) return text.toLowerCase().trim().replace(/ +/g, " ");
  const visible = text.replace(UNSEEN, "").replace(BLANKS, " ").normalize("NFKC");
  return foldCase(visible.replace(UNSEEN, "")).normalize("NFKC").replace(BLANKS, " ").trim();
}

/** Latin letters with a stroke or a hook, and ligatures: no mark of theirs can be taken off. */
const LETTERS: Readonly<Record<string, string>> = {
  ...{ æ: "ae", œ: "oe", þ: "th", ø: "o", ð: "d", đ: "d", ɖ: "d", ɗ: "d", ħ: "h", ł: "l", ŋ: "n", ɲ: "n" },
  ...{ ŧ: "t", ƀ: "b", ɓ: "b", ǥ: "g", ɨ: "i", ƙ: "k", ĸ: "k", ɔ: "o", ɛ: "e", ƶ: "z", ƴ: "y" },
};
const OWN_LETTERS = new RegExp(`[${Object.keys(LETTERS).join("")}]`, "gu");

/** Marks that are left out when typing in a hurry: of Latin, Greek and Cyrillic letters, vowels of Arabic and Hebrew. */
const ACCENTED = /([\p{sc=Latin}\p{sc=Greek}\p{sc=Cyrillic}\p{sc=Arabic}\p{sc=Hebrew}])\p{Mn}+/gv;

/**
 * What "part of" searches compare, of the text and of what is searched: `uniqueForm` without diacritics, with straight
 * quotes and hyphens. `muller` finds `Müller`, `lodz` finds `Łódź`.
 */
export function searchForm(text: string): string {
  const unique = uniqueForm(text);
  if (isPlain(unique)) return unique;
  return unique
    .normalize("NFD")
    .replace(ACCENTED, "$1")
    .replace(OWN_LETTERS, (letter) => LETTERS[letter] ?? letter)
    .replace(/[‘’‛′ʹʻʼ]/g, "'")
    .replace(/[“”„‟″«»]/g, '"')
    .replace(/[‐-―−]/g, "-")
    .normalize("NFC");
}

/**
 * English sorts as Unicode's root collation does. It is named, because an unknown language such as `und` falls back to
 * that of the machine.
 */
const collator = new Intl.Collator("en", { numeric: true });

/** The order in which people sort: `Äther` before `Zulu`, `Company 2` before `Company 10`. Ties go by code point. */
export const compareText = (a: string, b: string): number =>
  collator.compare(a, b) || (a < b ? -1 : a > b ? 1 : 0);

let segmenter: Intl.Segmenter | undefined;

/** What stands at the end of a cut text and belongs to what is no longer there. */
const LOOSE_END = /[\s,;:([{«“‘–—-]+$/u;

/**
 * A text of at most `most` characters (code points), with the … that says that there is more. It is cut between words;
 * inside of one only where the words before fill less than half, and then between characters as people see them: no
 * emoji, accented letter or number is torn.
 */
export function truncate(text: string, most: number): string {
  if (text.length <= most) return text;
  // A character takes two code units at most.
  const head = text.slice(0, 2 * most + 2);
  if (Array.from(head).length <= most) return text;
  segmenter ??= new Intl.Segmenter("en", { granularity: "grapheme" });
  let [end, characters] = [0, 0];
  for (const { segment, index } of segmenter.segment(head)) {
    characters += Array.from(segment).length;
    if (characters >= most) break;
    end = index + segment.length;
  }
  const kept = head.slice(0, end);
  const words = /^\s/.test(head.slice(end)) ? kept : kept.replace(/\S+$/u, "");
  return `${(words.trim().length > end / 2 ? words : kept).replace(LOOSE_END, "")}…`;
}
