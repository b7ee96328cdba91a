import type { Directed } from "./direction.ts";

/** A word or a part of one after which a line may end, or the spaces between two. Offsets in the text. */
export interface Word {
  readonly from: number;
  readonly to: number;
  readonly isSpace: boolean;
  readonly pieces: readonly Piece[];
}

/** What can be shaped at once: of one direction and, where it runs to the left, of one joining script. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly level: number;
}

/** A line may also end after a hyphen, a dash, a slash or an @ between words, and in what is too long for a word. */
const WORD = / +|[^ ]{1,60}?[-/–—@](?=\p{L}{2})|[^ ]{1,60}\p{M}*/gu;
const LEFTWARD_SCRIPTS = [/\p{Script=Arabic}/u, /\p{Script=Hebrew}/u, /\p{Script=Nko}/u];

/** Cuts a clean text into words, in the order in which it is read. */
export function wordsOf({ text, levels }: Pick<Directed, "text" | "levels">): readonly Word[] {
  return Array.from(text.matchAll(WORD), ({ 0: word, index: from }) => {
    const to = from + word.length;
    const pieces = levels === undefined ? [{ from, to, level: 0 }] : piecesOf(text, from, to, levels);
    return { from, to, isSpace: word.startsWith(" "), pieces };
  });
}

/** The pieces of `text` between two offsets. */
export function piecesOf(text: string, start: number, end: number, levels: Uint8Array): readonly Piece[] {
  const pieces: Piece[] = [];
  let from = start;
  let script = -1;
  for (let at = start; at < end; ) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    const own = LEFTWARD_SCRIPTS.findIndex((pattern) => pattern.test(character));
    const isOtherScript = own >= 0 && script >= 0 && own !== script;
    if (at > from && (levels[at] !== levels[from] || isOtherScript)) {
      pieces.push({ from, to: at, level: levels[from] ?? 0 });
      from = at;
      script = -1;
    }
    if (own >= 0) script = own;
    at += character.length;
  }
  pieces.push({ from, to: end, level: levels[from] ?? 0 });
  return pieces;
}
