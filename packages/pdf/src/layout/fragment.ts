import type { Color } from "@success-manager/contract/color";
import type { DocumentWords } from "../document.ts";
import type { Typesetter } from "../text/typesetter.ts";
import type { Canvas } from "./canvas.ts";
import type { Tag } from "./structure.ts";

/** A part of a block that no page break cuts: a line of text, a row of a table, a whole chart. */
export interface Fragment {
  /** In points; at most `LayoutContext.height`. */
  readonly height: number;
  /** Draws it with its upper left corner at `x`, `top` of the page. Called once, or once a page for a header. */
  draw(canvas: Canvas, x: number, top: number): void;
  /** Free space above it, in points, a little more or less as the page needs, none at its top. None when absent. */
  readonly spaceBefore?: number | undefined;
  /**
   * Stands on the same page as the next fragment, as a title does; or `rather` so, where a page would not be left half
   * empty for it.
   */
  readonly keepWithNext?: boolean | "rather" | undefined;
  /** What begins with it: there a page may well end before it. Absent inside of a block. */
  readonly begins?: "section" | "block" | undefined;
  /** Drawn above it when it is the first on its page but not the first of its block, as a table's header is. */
  readonly header?: Fragment | undefined;
}

/** What a block is laid out in: the space that it has, and what breaks its text into lines. */
export interface LayoutContext {
  /** Width of the page without its margins, in points. A block uses all of it. */
  readonly width: number;
  /** Height of the page without its margins, in points: no fragment may be higher. */
  readonly height: number;
  readonly typesetter: Typesetter;
  /** What is said besides what the document says, and whose numbers are printed. */
  readonly words: DocumentWords;
  readonly locale: string;
  /** Of headings and of rules that set something apart. */
  readonly accent: Color;
  /** What a block is a part of; the document when absent. */
  readonly tag?: Tag | undefined;
}

/** Lays out a kind of block as fragments, top to bottom. */
export type Layout<Block> = (block: Block, context: LayoutContext) => readonly Fragment[];
