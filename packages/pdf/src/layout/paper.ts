import type { Document } from "../document.ts";

/** Sizes of paper and the space around what is printed on it, in points. */
export interface Paper {
  readonly width: number;
  readonly height: number;
}

const PAPERS: Readonly<Record<Document["paper"], Paper>> = {
  a4: { width: 595.28, height: 841.89 },
  letter: { width: 612, height: 792 },
};

export const margins = { side: 50, top: 48, bottom: 62 } as const;

export function paperOf(document: Pick<Document, "paper">): Paper {
  return PAPERS[document.paper];
}
