import type { Piece } from "./piece.ts";

/** A piece and where it stands: `top` is its distance from the top of the page's content, in points. */
export interface Placed {
  readonly piece: Piece;
  readonly top: number;
}

export type Page = readonly Placed[];

/**
 * Divides pieces among pages whose content is `height` high, in points. Pieces that are kept with the next one
 * go to a new page together, unless they fill more than a page. There is a page even for no pieces.
 */
export function paginate(pieces: readonly Piece[], height: number): readonly Page[] {
  const pages: Placed[][] = [[]];
  let page: Placed[] = [];
  pages[0] = page;
  let bottom = 0;

  function place(piece: Piece): void {
    const top = page.length === 0 ? 0 : bottom + (piece.gap ?? 0);
    page.push({ piece, top });
    bottom = top + piece.height;
  }

  function turn(first: Piece | undefined): void {
    page = [];
    pages.push(page);
    bottom = 0;
    if (first?.header !== undefined) place(first.header);
  }

  for (const group of groups(pieces, height)) {
    if (page.length > 0 && bottom + heightOf(group) > height) turn(group[0]);
    for (const piece of group) {
      if (page.length > 0 && bottom + (piece.gap ?? 0) + piece.height > height) turn(piece);
      place(piece);
    }
  }
  return pages;
}

/** Runs of pieces that stay together; what is higher than a page cannot. */
function groups(pieces: readonly Piece[], height: number): readonly (readonly Piece[])[] {
  const found: Piece[][] = [];
  let group: Piece[] = [];
  for (const piece of pieces) {
    group.push(piece);
    if (piece.keepWithNext) continue;
    found.push(group);
    group = [];
  }
  if (group.length > 0) found.push(group);
  return found.flatMap((run) => (heightOf(run) > height ? run.map((piece) => [piece]) : [run]));
}

function heightOf(pieces: readonly Piece[]): number {
  return pieces.reduce((sum, piece) => sum + (piece.gap ?? 0) + piece.height, 0);
}
