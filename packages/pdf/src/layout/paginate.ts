import type { Fragment } from "./fragment.ts";

/** A fragment on its page: `top` is its distance from the upper margin, in points. */
export interface PlacedFragment {
  readonly fragment: Fragment;
  readonly top: number;
  /** Whether it has been drawn on an earlier page, as a table's header. */
  readonly isRepeated?: boolean | undefined;
}

export type Page = readonly PlacedFragment[];

/**
 * Divides fragments among pages whose content is `height` high, in points. Fragments that are kept with the next one
 * go to a new page together, unless they fill more than a page. There is a page even for no fragments.
 *
 * @param spacing by what spaces before fragments are multiplied
 */
export function paginate(fragments: readonly Fragment[], height: number, spacing = 1): readonly Page[] {
  let page: PlacedFragment[] = [];
  const pages = [page];
  let bottom = 0;

  function place(fragment: Fragment, isRepeated = false): void {
    const top = page.length === 0 ? 0 : bottom + spacing * (fragment.spaceBefore ?? 0);
    page.push({ fragment, top, ...(isRepeated ? { isRepeated } : {}) });
    bottom = top + fragment.height;
  }

  function startPage(first: Fragment | undefined): void {
    page = [];
    pages.push(page);
    bottom = 0;
    if (first?.header !== undefined) place(first.header, true);
  }

  for (const group of keptGroups(fragments, height)) {
    if (page.length > 0 && bottom + totalHeight(group, spacing) > height) startPage(group[0]);
    for (const fragment of group) {
      const needed = spacing * (fragment.spaceBefore ?? 0) + fragment.height;
      if (page.length > 0 && bottom + needed > height) startPage(fragment);
      place(fragment);
    }
  }
  return pages;
}

/** A last page that is filled less than this looks as if something were missing. */
const MIN_LAST_PAGE = 0.5;

/** What spaces between fragments are multiplied by to save a page. */
const TIGHTER = [0.85, 0.7, 0.55];

/** How much lower pages are tried, step by step, in points. */
const STEP = 6;

/** How far a page is filled, in points. */
function filled(page: Page | undefined): number {
  const last = page?.at(-1);
  return last === undefined ? 0 : last.top + last.fragment.height;
}

/**
 * The same, without a last page that is nearly empty: its fragments are pulled up where smaller spaces make room for
 * them, else earlier pages end a little earlier, until the last one is filled by half or as far as it can be.
 */
export function fitPages(fragments: readonly Fragment[], height: number): readonly Page[] {
  const pages = paginate(fragments, height);
  const enough = MIN_LAST_PAGE * height;
  if (pages.length === 1 || filled(pages.at(-1)) >= enough) return pages;
  for (const spacing of TIGHTER) {
    const fewer = paginate(fragments, height, spacing);
    if (fewer.length < pages.length) return fewer;
  }
  // What stays together is not torn for it.
  const tallest = Math.max(...keptGroups(fragments, height).map((group) => totalHeight(group)));
  let best = pages;
  for (let lower = height - STEP; lower >= Math.max(tallest, enough); lower -= STEP) {
    const even = paginate(fragments, lower);
    if (even.length > pages.length) break;
    if (filled(even.at(-1)) > filled(best.at(-1))) best = even;
    if (filled(best.at(-1)) >= enough) break;
  }
  return best;
}

/** Fragments that stay together; a group that is higher than a page cannot. */
function keptGroups(fragments: readonly Fragment[], height: number): readonly (readonly Fragment[])[] {
  const groups: Fragment[][] = [];
  let group: Fragment[] = [];
  for (const fragment of fragments) {
    group.push(fragment);
    if (fragment.keepWithNext) continue;
    groups.push(group);
    group = [];
  }
  if (group.length > 0) groups.push(group);
  return groups.flatMap((kept) => (totalHeight(kept) > height ? kept.map((each) => [each]) : [kept]));
}

function totalHeight(fragments: readonly Fragment[], spacing = 1): number {
  return fragments.reduce((sum, { spaceBefore = 0, height }) => sum + spacing * spaceBefore + height, 0);
}
