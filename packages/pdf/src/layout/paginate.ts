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
 */
export function paginate(fragments: readonly Fragment[], height: number): readonly Page[] {
  let page: PlacedFragment[] = [];
  const pages = [page];
  let bottom = 0;

  function place(fragment: Fragment, isRepeated = false): void {
    const top = page.length === 0 ? 0 : bottom + (fragment.spaceBefore ?? 0);
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
    if (page.length > 0 && bottom + totalHeight(group) > height) startPage(group[0]);
    for (const fragment of group) {
      const needed = (fragment.spaceBefore ?? 0) + fragment.height;
      if (page.length > 0 && bottom + needed > height) startPage(fragment);
      place(fragment);
    }
  }
  return pages;
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

function totalHeight(fragments: readonly Fragment[]): number {
  return fragments.reduce((sum, { spaceBefore = 0, height }) => sum + spaceBefore + height, 0);
}
