import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fragment } from "./fragment.ts";
import { type Page, paginate } from "./paginate.ts";

const draw = () => {};
const fragment = (height: number, more: Partial<Fragment> = {}): Fragment => ({ height, draw, ...more });
const rows = (count: number, more: Partial<Fragment> = {}) =>
  Array.from({ length: count }, () => fragment(10, more));

/** The heights of fragments, page by page. */
const heights = (fragments: readonly Fragment[], height = 100) =>
  paginate(fragments, height).map((page) => page.map((placed) => placed.fragment.height));
const tops = (fragments: readonly Fragment[]) =>
  paginate(fragments, 100).map((page) => page.map(({ top }) => top));

const kept = fragment(10, { keepWithNext: true });
const filled = (page: Page | undefined) => {
  const last = page?.at(-1);
  return last ? last.top + last.fragment.height : 0;
};

describe("pages", () => {
  test("there is one even for no fragments", () => {
    expect(paginate([], 100)).toEqual([[]]);
  });

  test("end where no more fits", () => {
    expect(heights([fragment(60), fragment(40), fragment(50)])).toEqual([[60, 40], [50]]);
    expect(heights([fragment(60), fragment(50), fragment(50)])).toEqual([[60], [50, 50]]);
  });

  test("begin at their top, whatever space there is before what begins them", () => {
    const spaceBefore = 10;
    const some = [
      fragment(60, { spaceBefore }),
      fragment(30, { spaceBefore }),
      fragment(70, { spaceBefore }),
    ];
    expect(tops(some)).toEqual([[0, 70], [0]]);
  });

  test("a title goes to the next page with what it stands above", () => {
    expect(heights([fragment(70), kept, kept, fragment(60)])).toEqual([[70], [10, 10, 60]]);
  });

  test("what would be kept together but fills more than a page is divided", () => {
    const large = fragment(60, { keepWithNext: true });
    expect(heights([large, large, large])).toEqual([[60], [60], [60]]);
  });

  test("a header stands above the first fragment of a page, unless it is just what stands there", () => {
    const header = fragment(10);
    const row = fragment(40, { header });
    const pages = paginate([{ ...header, keepWithNext: true }, row, row, row], 100);
    expect(pages.map((page) => page.map(({ top, isRepeated }) => [top, isRepeated === true]))).toEqual([
      [
        [0, false],
        [10, false],
        [50, false],
      ],
      [
        [0, true],
        [10, false],
      ],
    ]);
  });
});

describe("pages are filled:", () => {
  test("a few rows are pulled up where smaller spaces make room", () => {
    expect(heights(rows(8, { spaceBefore: 4 }))).toEqual([Array(8).fill(10)]);
  });

  test("spaces are widened, by a third at most, where something is left free below; not on the last page", () => {
    const spaceBefore = 10;
    const some = [fragment(40), fragment(40, { spaceBefore }), fragment(90, { spaceBefore })];
    expect(tops(some)).toEqual([[0, 53.5], [0]]);
    expect(tops(some.slice(0, 2))).toEqual([[0, 50]]);
  });

  test("pages end earlier, so that the last one is filled by half, or as far as what stays together allows", () => {
    expect(heights(rows(12)).map((page) => page.length)).toEqual([7, 5]);
    expect(heights(rows(21)).map((page) => page.length)).toEqual([8, 8, 5]);
    expect(heights([fragment(80), ...rows(3)])).toEqual([[80], [10, 10, 10]]);
  });

  test("a last page that is filled by half stays as it is, and so does a single one", () => {
    expect(heights(rows(15)).map((page) => page.length)).toEqual([10, 5]);
    expect(heights(rows(1))).toEqual([[10]]);
  });

  test("rather between sections than between blocks, rather there than in a block", () => {
    const block = [fragment(10, { begins: "block" }), ...rows(1)];
    expect(heights([...rows(7), ...block, ...block, ...rows(6)]).map((page) => page.length)).toEqual([9, 8]);
    const section = [fragment(10, { begins: "section" }), ...rows(1)];
    expect(heights([...rows(7), ...block, ...section, ...rows(6)]).map((page) => page.length)).toEqual([
      9, 8,
    ]);
  });

  test("what rather stays together does, unless a page were left half empty for it", () => {
    const rather = { keepWithNext: "rather" } as const;
    const tiles = [fragment(30, rather), fragment(30)];
    expect(heights([fragment(60), ...tiles, fragment(20)])).toEqual([[60], [30, 30, 20]]);
    expect(heights([fragment(40), fragment(40, rather), fragment(60)])).toEqual([[40, 40], [60]]);
  });
});

/** Fragments of any heights, in any company. */
const anyFragment = (tallest: number) =>
  fc.record({
    height: fc.integer({ min: 1, max: tallest }),
    spaceBefore: fc.option(fc.integer({ min: 1, max: Math.floor(tallest / 3) }), { nil: undefined }),
    keepWithNext: fc.constantFrom(true, false, "rather" as const),
    begins: fc.constantFrom(undefined, "block" as const, "section" as const),
  });
const anyFragments = (tallest: number) =>
  fc
    .array(anyFragment(tallest), { maxLength: 60 })
    .map((shapes) => shapes.map((shape): Fragment => ({ ...shape, draw })));

/** How high fragments are that stay together, each with the space before it. */
function keptHeights(fragments: readonly Fragment[]): readonly number[] {
  const groups = [0];
  for (const [index, { height, spaceBefore = 0 }] of fragments.entries()) {
    if (fragments[index - 1]?.keepWithNext !== true) groups.push(0);
    groups.push((groups.pop() ?? 0) + height + spaceBefore);
  }
  return groups;
}

/** How many pages it takes to fill one after the other. */
function firstFit(fragments: readonly Fragment[], height: number): number {
  let pages = 1;
  let bottom = 0;
  let group = 0;
  for (const [index, { height: own, spaceBefore = 0, keepWithNext }] of fragments.entries()) {
    group += own + spaceBefore;
    if (keepWithNext === true && index < fragments.length - 1) continue;
    if (bottom + group > height) {
      pages += 1;
      bottom = 0;
    }
    bottom += group;
    group = 0;
  }
  return pages;
}

describe("any fragments", () => {
  test("stand once, in order, one below the other, on their page", () => {
    fc.assert(
      fc.property(anyFragments(90), (fragments) => {
        const pages = paginate(fragments, 100);
        expect(pages.flatMap((page) => page.map((placed) => placed.fragment))).toEqual(fragments);
        for (const page of pages) {
          let bottom = 0;
          for (const { top, fragment: one } of page) {
            expect(top).toBeGreaterThanOrEqual(bottom - 1e-9);
            expect(top - bottom).toBeLessThanOrEqual(1.35 * (one.spaceBefore ?? 0) + 1e-9);
            bottom = top + one.height;
          }
          expect(bottom).toBeLessThanOrEqual(100 + 1e-9);
        }
      }),
    );
  });

  test("take one page more than filling one after the other at most, and tear nothing that fits on one", () => {
    fc.assert(
      fc.property(anyFragments(40), (fragments) => {
        fc.pre(Math.max(...keptHeights(fragments)) <= 100);
        const pages = paginate(fragments, 100);
        expect(pages.length).toBeLessThanOrEqual(firstFit(fragments, 100) + 1);
        for (const page of pages.slice(0, -1)) expect(page.at(-1)?.fragment.keepWithNext).not.toBe(true);
      }),
    );
  });

  test("leave no page half empty but the last one, if nothing that stays together is higher than half a page", () => {
    fc.assert(
      fc.property(anyFragments(20), (fragments) => {
        fc.pre(Math.max(...keptHeights(fragments)) <= 50);
        for (const page of paginate(fragments, 100).slice(0, -1))
          expect(filled(page)).toBeGreaterThanOrEqual(50);
      }),
      { numRuns: 500 },
    );
  });

  test("of one line each fill the last page by nearly half, whatever their number", () => {
    for (let count = 21; count < 200; count += 1) {
      const pages = paginate(rows(count), 200);
      expect(filled(pages.at(-1)), `${count}`).toBeGreaterThanOrEqual(90);
      for (const page of pages.slice(0, -1)) expect(filled(page)).toBeGreaterThanOrEqual(100);
    }
  });
});
