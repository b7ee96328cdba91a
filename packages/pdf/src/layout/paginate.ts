import type { Fragment } from "./fragment.ts";

/** A fragment on its page: `top` is its distance from the upper margin, in points. */
export interface PlacedFragment {
  readonly fragment: Fragment;
  readonly top: number;
  /** Whether it has been drawn on an earlier page, as a table's header. */
  readonly isRepeated?: boolean | undefined;
}

export type Page = readonly PlacedFragment[];

/** What spaces before fragments may be multiplied by, to fill a page or to save one. */
const TIGHTEST = 0.55;
const WIDEST = 1.35;

/** A page that is filled less than this looks as if something were missing. */
const HALF = 0.5;

/** What a division costs, all of it together: the cheapest is taken. */
const COST = {
  /** Beside what it leaves free: where parts need another page to stay together, they get it. */
  page: 1,
  /** Spaces as tight or as wide as they may be. */
  tight: 0.3,
  wide: 0.1,
  /** Times the square of the part of a page that is left free below. */
  free: 4,
  /** Times the part of a page that a last one lacks to half of it, and times its square. */
  lacking: 8,
  lackingMuch: 10,
  /** A page before the last one that is left half empty. */
  halfEmpty: 50,
  /** A page that ends between fragments that stay together; that rather do; in a block; between blocks; sections. */
  torn: 10_000,
  parted: 2.5,
  inside: 0.25,
  betweenBlocks: 0.1,
  betweenSections: 0,
} as const;

/**
 * Divides fragments among pages whose content is `height` high, in points: each filled as far as what stays together
 * allows, the last one by half. Spaces before fragments give way within limits. There is a page
 * even for no fragments.
 *
 * All divisions are compared, not page by page, as TeX does with the lines of a paragraph (Knuth and Plass, "Breaking
 * Paragraphs into Lines"): where a page ends decides what is left for the last one.
 */
export function paginate(fragments: readonly Fragment[], height: number): readonly Page[] {
  if (fragments.length === 0) return [[]];
  const pages: Page[] = [];
  const ends = cheapestEnds(fragments, height);
  for (let from = 0; from < fragments.length; from = ends[from] ?? fragments.length)
    pages.push(placed(fragments.slice(from, ends[from]), height, ends[from] === fragments.length));
  return pages;
}

/** Where a page ends that begins with a fragment, for each of them, from the last one back. */
function cheapestEnds(fragments: readonly Fragment[], height: number): readonly number[] {
  const count = fragments.length;
  const ends: number[] = [];
  const costs: number[] = [];
  costs[count] = 0;
  for (let from = count - 1; from >= 0; from -= 1) {
    let solid = fragments[from]?.header?.height ?? 0;
    let spaces = 0;
    let lowest = Number.POSITIVE_INFINITY;
    for (let to = from + 1; to <= count; to += 1) {
      const { height: own, spaceBefore = 0 } = fragments[to - 1] ?? { height: 0 };
      solid += own;
      if (to > from + 1 || fragments[from]?.header) spaces += spaceBefore;
      if (to > from + 1 && solid + TIGHTEST * spaces > height) break;
      const isLast = to === count;
      const rest = isLast ? 0 : breakCost(fragments[to - 1], fragments[to]) + (costs[to] ?? 0);
      const cost = COST.page + pageCost(solid, spaces, height, isLast) + rest;
      if (cost > lowest) continue;
      lowest = cost;
      ends[from] = to;
    }
    costs[from] = lowest;
  }
  return ends;
}

function breakCost(last: Fragment | undefined, next: Fragment | undefined): number {
  if (last?.keepWithNext === true) return COST.torn;
  if (last?.keepWithNext === "rather") return COST.parted;
  if (next?.begins === undefined) return COST.inside;
  return next.begins === "section" ? COST.betweenSections : COST.betweenBlocks;
}

/** Of a page whose fragments, without the spaces before them, are `solid` high. */
function pageCost(solid: number, spaces: number, height: number, isLast: boolean): number {
  const scale = scaleOf(solid, spaces, height, isLast);
  const strain =
    scale < 1
      ? COST.tight * ((1 - scale) / (1 - TIGHTEST)) ** 2
      : COST.wide * ((scale - 1) / (WIDEST - 1)) ** 2;
  const filled = (solid + scale * spaces) / height;
  const lacking = Math.max(0, HALF - filled);
  if (isLast) return strain + COST.lacking * lacking + COST.lackingMuch * lacking ** 2;
  return strain + COST.free * Math.max(0, 1 - filled) ** 2 + (filled < HALF ? COST.halfEmpty : 0);
}

/** What the spaces of a page are multiplied by. Those of a last page are not widened. */
function scaleOf(solid: number, spaces: number, height: number, isLast: boolean): number {
  if (spaces === 0) return 1;
  return Math.min(isLast ? 1 : WIDEST, Math.max(TIGHTEST, (height - solid) / spaces));
}

function placed(fragments: readonly Fragment[], height: number, isLast: boolean): Page {
  const { header } = fragments[0] ?? {};
  const all = header === undefined ? fragments : [header, ...fragments];
  const solid = all.reduce((sum, fragment) => sum + fragment.height, 0);
  const spaces = all.slice(1).reduce((sum, { spaceBefore = 0 }) => sum + spaceBefore, 0);
  const scale = scaleOf(solid, spaces, height, isLast);
  let bottom = 0;
  return all.map((fragment, index) => {
    const top = bottom + (index === 0 ? 0 : scale * (fragment.spaceBefore ?? 0));
    bottom = top + fragment.height;
    return { fragment, top, ...(fragment === header ? { isRepeated: true } : {}) };
  });
}
