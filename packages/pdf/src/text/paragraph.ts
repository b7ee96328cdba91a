import { letterEnds } from "./clean.ts";
import { type Directed, directed, visually } from "./direction.ts";
import type { Face } from "./face.ts";
import type { Glyphs } from "./glyphs.ts";
import { type Word, wordsOf } from "./words.ts";

/** A clean text without line breaks, ready to be broken into lines. */
export interface Paragraph extends Directed {
  readonly words: readonly Word[];
  readonly face: Face;
}

const ELLIPSIS = "…";

export function paragraphOf(text: string, face: Face): Paragraph {
  const paragraph = directed(text.replace(/^ +| +$/g, ""));
  return { ...paragraph, face, words: wordsOf(paragraph) };
}

/** In thousandths of the size. */
export function widestWord(paragraph: Paragraph): number {
  return paragraph.words.reduce((widest, word) => Math.max(widest, widthOf(paragraph, word)), 0);
}

/** The offsets between which a line stands, broken at `width` (thousandths of the size), one after the other. */
export function* breaks(paragraph: Paragraph, width: number): Generator<{ from: number; to: number }> {
  let line: { from: number; to: number; width: number } | undefined;
  let gap = 0;
  for (const word of paragraph.words) {
    const own = widthOf(paragraph, word);
    if (word.isSpace) {
      gap = own;
    } else if (line !== undefined && line.width + gap + own <= width) {
      line = { from: line.from, to: word.to, width: line.width + gap + own };
      gap = 0;
    } else {
      if (line !== undefined) yield line;
      line = { from: word.from, to: word.to, width: own };
      gap = 0;
      while (line.width > width) {
        const cut = fitting(paragraph, line.from, line.to, width);
        if (cut >= line.to) break;
        yield { from: line.from, to: cut };
        line = { from: cut, to: word.to, width: spanWidth(paragraph, cut, word.to) };
      }
    }
  }
  if (line !== undefined) yield line;
}

/** The part of a paragraph from an offset on that fits into `width` together with the … after it. */
export function shortened(paragraph: Paragraph, from: number, width: number): Paragraph {
  const room = width - paragraph.face.shape(ELLIPSIS, false).width;
  let to = from;
  let used = 0;
  for (const word of paragraph.words) {
    if (word.to <= from) continue;
    const start = Math.max(word.from, from);
    const own = spanWidth(paragraph, start, word.to);
    if (used + own > room) {
      if (!word.isSpace) to = fitting(paragraph, start, word.to, room - used, 0);
      break;
    }
    used += own;
    to = word.to;
  }
  const text = paragraph.text.slice(from, to).trimEnd() + ELLIPSIS;
  const levels = paragraph.levels && Uint8Array.from(text, (_, at) => paragraph.levels?.[from + at] ?? 0);
  levels?.fill(paragraph.base, text.length - 1);
  return { ...paragraph, text, levels, words: wordsOf({ text, levels }) };
}

/** The letters between two offsets of a paragraph, from left to right as they stand on the page. */
export function runsOf(paragraph: Paragraph, from = 0, to = paragraph.text.length): readonly Glyphs[] {
  const pieces = paragraph.words.flatMap((word) => {
    if (word.to <= from || word.from >= to) return [];
    return word.pieces
      .filter((piece) => piece.to > from && piece.from < to)
      .map((piece) => ({ ...piece, from: Math.max(from, piece.from), to: Math.min(to, piece.to) }));
  });
  const ordered = paragraph.levels === undefined ? pieces : visually(pieces);
  return ordered.map((piece) =>
    paragraph.face.shape(paragraph.text.slice(piece.from, piece.to), piece.level % 2 === 1),
  );
}

function widthOf({ face, text }: Paragraph, { pieces }: Word): number {
  return pieces.reduce(
    (sum, { from, to, level }) => sum + face.shape(text.slice(from, to), level % 2 === 1).width,
    0,
  );
}

function spanWidth(paragraph: Paragraph, from: number, to: number): number {
  return runsOf(paragraph, from, to).reduce((sum, run) => sum + run.width, 0);
}

/** How far a word can be read within `width`: at least `least` letters. */
function fitting(paragraph: Paragraph, from: number, to: number, width: number, least = 1): number {
  const ends = letterEnds(paragraph.text.slice(from, to));
  let fits = least;
  let tooMany = ends.length + 1;
  while (tooMany - fits > 1) {
    const letters = Math.floor((fits + tooMany) / 2);
    if (spanWidth(paragraph, from, from + (ends[letters - 1] ?? 0)) <= width) fits = letters;
    else tooMany = letters;
  }
  return from + (ends[fits - 1] ?? 0);
}
