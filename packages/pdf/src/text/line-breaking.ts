import { type BidiText, reorderVisual, resolveLevels } from "./bidi.ts";
import type { Font, ShapedText } from "./font.ts";
import type { TypefaceName } from "./font-files.ts";
import { graphemeEnds, PLAIN, splitGraphemes } from "./sanitize.ts";
import { type EastAsian, eastAsianIn, hasUnspacedWords } from "./scripts.ts";

/** A part of a text, from one offset to another. */
interface Span {
  readonly from: number;
  readonly to: number;
}

/** A word or a part of one after which a line may end, or the spaces between two. */
interface Word extends Span {
  readonly isSpace: boolean;
  /** Whether it is the rest of what is too long for a word: a line goes on with it, wherever that ends. */
  readonly isRest?: boolean;
  readonly runs: readonly Run[];
}

/** What can be shaped at once: of one direction, one typeface and, from right to left, one joining script. */
interface Run extends Span {
  readonly level: number;
  readonly typeface: TypefaceName;
}

/** Sanitized text without line breaks, ready to be broken into lines. */
export interface Paragraph extends BidiText {
  readonly words: readonly Word[];
  readonly font: Font;
  /** Whether it runs against the page. */
  readonly isTurned: boolean;
}

const ELLIPSIS = "…";
/** A line may also end after a hyphen, a dash, a slash or an @ between words, and in what is too long for a word. */
const WORD = / +|[^ ]+?[-/–—@](?=\p{L}{2})|[^ ]+/gu;
const MAX_WORD_LENGTH = 60;
/** Words of scripts that have no spaces between them. */
const words = new Intl.Segmenter("en", { granularity: "word" });
/** Stays with what follows it; other punctuation stays with what stands before it. */
const OPENING = /^[\p{Ps}\p{Pi}]+$/u;
const ARABIC = /\p{Script=Arabic}/u;
const RIGHT_TO_LEFT_SCRIPTS = [ARABIC, /\p{Script=Hebrew}/u, /\p{Script=Nko}/u];

/** @param page whether pages are read from the left or from the right */
export function toParagraph(text: string, font: Font, page: "ltr" | "rtl" = "ltr"): Paragraph {
  const paragraph = resolveLevels(text.replace(/^ +| +$/g, ""), page);
  const isTurned =
    page === "ltr" ? paragraph.baseLevel === 1 : paragraph.baseLevel === 0 && /\p{L}/u.test(text);
  return { ...paragraph, font, isTurned, words: splitWords({ ...paragraph, font }) };
}

/** Width of the widest word, in thousandths of the font size. */
export function widestWord(paragraph: Paragraph): number {
  return paragraph.words.reduce((widest, word) => Math.max(widest, wordWidth(paragraph, word)), 0);
}

/** The lines of a paragraph, one after the other, none wider than `width` (thousandths of the font size). */
export function* breakLines(paragraph: Paragraph, width: number): Generator<Span> {
  let line: (Span & { readonly width: number }) | undefined;
  let space = 0;
  for (const word of paragraph.words) {
    const own = wordWidth(paragraph, word);
    if (word.isSpace) {
      space = own;
    } else if (line !== undefined && line.width + space + own <= width) {
      line = { from: line.from, to: word.to, width: line.width + space + own };
      space = 0;
    } else {
      let { from } = word;
      if (line !== undefined && word.isRest) from = fitGraphemes(paragraph, word, width - line.width, 0);
      if (line !== undefined) yield word.isRest ? { from: line.from, to: from } : line;
      const rest = { from, to: word.to };
      line = { ...rest, width: from === word.from ? own : spanWidth(paragraph, rest) };
      space = 0;
      while (line.width > width) {
        const cut = fitGraphemes(paragraph, line, width);
        if (cut >= line.to) break;
        yield { from: line.from, to: cut };
        line = { from: cut, to: word.to, width: spanWidth(paragraph, { from: cut, to: word.to }) };
      }
    }
  }
  if (line !== undefined) yield line;
}

/** Longer than any figure of ours with what belongs to it: `−$100,000,000,000.00 (1,000,000 of 1,000,000)`. */
const MAX_FIGURE_LENGTH = 48;
const FIGURE = /^[\p{Ps}\p{Pd}\u2066-\u2069<>≤≥≈~+−]*\p{Sc}? ?\d/u;
/** A word that is a number, with its signs, currency and unit: `($1.2M),`, `−12.5%`, `2026-11-27`, `14:05`. */
const NUMBER = /^[^\p{L}]{0,6}\d[^\p{L}]{0,40}(?:[KMBT]|bn|tn)?[^\p{L}\d]{0,6}$/u;

/**
 * Whether a text is a figure, such as an amount, a percentage, a date, a count with its unit. Cut off, it would be
 * another figure: it is printed smaller instead.
 */
export const isFigure = (text: string): boolean => text.length <= MAX_FIGURE_LENGTH && FIGURE.test(text);

/** Width of the widest number, in thousandths of the font size: in less than that, it would be torn. 0 without one. */
export const widestNumber = (paragraph: Paragraph): number =>
  paragraph.words
    .filter((word) => NUMBER.test(paragraph.text.slice(word.from, word.to)))
    .reduce((widest, word) => Math.max(widest, wordWidth(paragraph, word)), 0);

/**
 * The part of a paragraph from an offset on that fits into `width` together with the … after it. A number is left out
 * as a whole: its first digits would be another one.
 */
export function truncate(paragraph: Paragraph, from: number, width: number): Paragraph {
  let ellipsis = paragraph.font.shape(ELLIPSIS, false, paragraph.font.latin).width;
  for (;;) {
    const to = fitWords(paragraph, from, width - ellipsis);
    const truncated = withEllipsis(paragraph, { from, to });
    const needed = spanWidth(truncated, { from: 0, to: truncated.text.length });
    if (needed <= width || to === from) return truncated;
    // In text from right to left, the … and signs beside it may be of another typeface than in the whole.
    ellipsis = needed - spanWidth(paragraph, { from, to });
  }
}

/** The offset up to which words from `from` on fit into `width`, the last one in part. */
function fitWords(paragraph: Paragraph, from: number, width: number): number {
  let to = from;
  let used = 0;
  for (const word of paragraph.words) {
    if (word.to <= from) continue;
    const span = { from: Math.max(word.from, from), to: word.to };
    const own = spanWidth(paragraph, span);
    if (used + own > width) {
      const isNumber = NUMBER.test(paragraph.text.slice(word.from, word.to));
      const isWhole = word.isSpace || (isNumber && word.from > from);
      return isWhole ? to : fitGraphemes(paragraph, span, width - used, 0);
    }
    used += own;
    to = word.to;
  }
  return to;
}

function withEllipsis(paragraph: Paragraph, { from, to }: Span): Paragraph {
  const text = paragraph.text.slice(from, to).trimEnd() + ELLIPSIS;
  const levels = paragraph.levels && Uint8Array.from(text, (_, at) => paragraph.levels?.[from + at] ?? 0);
  levels?.fill(paragraph.baseLevel, text.length - 1);
  return { ...paragraph, text, levels, words: splitWords({ ...paragraph, text, levels }) };
}

/** The text between two offsets, shaped, in runs from left to right as they stand on the page. */
export function shapeSpan(paragraph: Paragraph, from = 0, to = paragraph.text.length): readonly ShapedText[] {
  const runs = paragraph.words
    .filter((word) => word.to > from && word.from < to)
    .flatMap((word) => word.runs.filter((run) => run.to > from && run.from < to))
    .map((run) => ({ ...run, from: Math.max(from, run.from), to: Math.min(to, run.to) }));
  const ordered = paragraph.levels === undefined ? runs : reorderVisual(runs);
  return ordered.map((run) => shapeRun(paragraph, run));
}

function shapeRun({ font, text }: Paragraph, { from, to, level, typeface }: Run): ShapedText {
  return font.shape(text.slice(from, to), level % 2 === 1, typeface);
}

function wordWidth(paragraph: Paragraph, { runs }: Word): number {
  return runs.reduce((sum, run) => sum + shapeRun(paragraph, run).width, 0);
}

function spanWidth(paragraph: Paragraph, { from, to }: Span): number {
  return shapeSpan(paragraph, from, to).reduce((sum, { width }) => sum + width, 0);
}

/** The offset up to which a word fits into `width`: after at least `minCount` graphemes. */
function fitGraphemes(paragraph: Paragraph, { from, to }: Span, width: number, minCount = 1): number {
  const ends = graphemeEnds(paragraph.text.slice(from, to));
  let fits = minCount;
  let tooMany = ends.length + 1;
  while (tooMany - fits > 1) {
    const count = Math.floor((fits + tooMany) / 2);
    if (spanWidth(paragraph, { from, to: from + (ends[count - 1] ?? 0) }) <= width) fits = count;
    else tooMany = count;
  }
  return from + (ends[fits - 1] ?? 0);
}

/** Text whose words are looked for, with the direction of each letter and what it is set in. */
type Settable = Pick<Paragraph, "text" | "levels" | "font" | "baseLevel">;

/** The words of a text in reading order. */
function splitWords(paragraph: Settable): readonly Word[] {
  const { text, levels, font } = paragraph;
  const isPlain = PLAIN.test(text);
  const eastAsian = eastAsianIn(isPlain ? "" : text);
  const found = Array.from(text.matchAll(WORD)).flatMap(({ 0: word, index }): readonly Word[] => {
    if (word.startsWith(" ")) {
      const space = { from: index, to: index + word.length };
      return [
        { ...space, isSpace: true, runs: [{ ...space, level: levels?.[index] ?? 0, typeface: font.latin }] },
      ];
    }
    return wordEnds(word).map(({ end }, part, ends) => {
      const span = { from: index + (ends[part - 1]?.end ?? 0), to: index + end };
      const isSimple = isPlain || (levels === undefined && PLAIN.test(text.slice(span.from, span.to)));
      const runs = isSimple
        ? [{ ...span, level: 0, typeface: font.latin }]
        : splitRuns(paragraph, span, eastAsian);
      return { ...span, isSpace: false, isRest: ends[part - 1]?.isCut === true, runs };
    });
  });
  return isPlain ? found : found.map((word, index) => (word.isSpace ? withSpaceOf(index) : word));

  /** A space between words of one typeface is set in it as well: programs that read a PDF take both for one text. */
  function withSpaceOf(index: number): Word {
    const [space, before, after] = [found[index], found[index - 1], found[index + 1]];
    const typeface = before?.runs.at(-1)?.typeface ?? font.latin;
    const isBetween = typeface === after?.runs[0]?.typeface && typeface !== "emoji";
    if (space === undefined) throw new RangeError(`There is no word ${index}.`);
    if (!isBetween || !font.has(typeface, " ")) return space;
    return { ...space, runs: space.runs.map((run) => ({ ...run, typeface })) };
  }
}

/** An offset at which a line may end, and whether that is within a word which is too long. */
interface WordEnd {
  readonly end: number;
  readonly isCut: boolean;
}

/** Where a line may end in what stands between two spaces; the last is its length. */
function wordEnds(word: string): readonly WordEnd[] {
  const pieces = hasUnspacedWords(word) ? unspacedWords(word) : [word];
  const ends: WordEnd[] = [];
  let start = 0;
  for (const piece of pieces) {
    if (piece.length > MAX_WORD_LENGTH) {
      let from = 0;
      let before = 0;
      for (const end of graphemeEnds(piece)) {
        if (end - from > MAX_WORD_LENGTH && before > from) {
          ends.push({ end: start + before, isCut: true });
          from = before;
        }
        before = end;
      }
    }
    start += piece.length;
    ends.push({ end: start, isCut: false });
  }
  return ends;
}

function unspacedWords(text: string): readonly string[] {
  const pieces: string[] = [];
  let opening = "";
  for (const { segment, isWordLike } of words.segment(text)) {
    const last = pieces.at(-1);
    if (OPENING.test(segment)) {
      opening += segment;
    } else if (!isWordLike && opening === "" && last !== undefined) {
      pieces[pieces.length - 1] = last + segment;
    } else {
      pieces.push(opening + segment);
      opening = "";
    }
  }
  return opening === "" ? pieces : [...pieces, opening];
}

/** In what runs from right to left, signs and digits are set like the letters around them, for the same reason. */
const LETTER = /\p{L}/u;

function splitRuns(
  { text, levels, font, baseLevel }: Settable,
  span: Span,
  eastAsian: (at: number) => EastAsian,
): readonly Run[] {
  const runs: Run[] = [];
  const isArabic = baseLevel === 1 && ARABIC.test(text);
  let run: Run | undefined;
  let script = -1;
  let at = span.from;
  for (const grapheme of splitGraphemes(text.slice(span.from, span.to))) {
    const level = levels?.[at] ?? 0;
    const fitting = font.fit(grapheme, eastAsian(at))?.typeface ?? font.latin;
    const isOfArabic =
      fitting === font.latin && isArabic && !LETTER.test(grapheme) && font.has("arabic", grapheme);
    const typeface = isOfArabic ? "arabic" : fitting;
    const own = RIGHT_TO_LEFT_SCRIPTS.findIndex((pattern) => pattern.test(grapheme));
    const isOtherScript = own >= 0 && script >= 0 && own !== script;
    if (run === undefined || run.level !== level || run.typeface !== typeface || isOtherScript) {
      if (run !== undefined) runs.push(run);
      run = { from: at, to: at, level, typeface };
      script = -1;
    }
    if (own >= 0) script = own;
    at += grapheme.length;
    run = { ...run, to: at };
  }
  return run === undefined ? runs : [...runs, run];
}
