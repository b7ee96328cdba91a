import type { Typesetter } from "../text/typesetter.ts";
import type { Canvas } from "./canvas.ts";

/** What is never cut by the end of a page: a line of text, a row of a table, a whole chart. */
export interface Piece {
  /** In points; at most `Frame.height`. */
  readonly height: number;
  /** Draws it with its upper left corner at `x`, `top` of the page. Called once, or once a page for a header. */
  draw(canvas: Canvas, x: number, top: number): void;
  /** Free space above it, in points, left away at the top of a page. None when absent. */
  readonly gap?: number | undefined;
  /** Stands on the same page as the piece after it, as a title does. */
  readonly keepWithNext?: boolean | undefined;
  /** Drawn above it when it is the first on its page but not the first of its block, as a table's header is. */
  readonly header?: Piece | undefined;
}

/** The space that a block has, and what sets its text. */
export interface Frame {
  /** Width of the page without its margins, in points. A block uses all of it. */
  readonly width: number;
  /** Height of the page without margins and footer, in points: no piece may be higher. */
  readonly height: number;
  readonly type: Typesetter;
}

/** Cuts a block of a document into pieces, top to bottom. */
export type LayOut<Block> = (block: Block, frame: Frame) => readonly Piece[];
