import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fragment } from "./fragment.ts";
import { fitPages, paginate } from "./paginate.ts";

const draw = () => {};
const fragment = (height: number, more: Partial<Fragment> = {}): Fragment => ({ height, draw, ...more });
const heights = (fragments: readonly Fragment[], height: number) =>
  paginate(fragments, height).map((page) => page.map((placed) => [placed.top, placed.fragment.height]));

describe("pagination", () => {
  test("makes a page even for no fragments", () => {
    expect(paginate([], 100)).toEqual([[]]);
  });

  test("a fragment that does not fit any more begins the next one", () => {
    expect(heights([fragment(60), fragment(40), fragment(1)], 100)).toEqual([
      [
        [0, 60],
        [60, 40],
      ],
      [[0, 1]],
    ]);
  });

  test("space before a fragment is dropped at the top of a page, and counts elsewhere", () => {
    const spaceBefore = 10;
    expect(
      heights(
        [fragment(60, { spaceBefore }), fragment(30, { spaceBefore }), fragment(20, { spaceBefore })],
        100,
      ),
    ).toEqual([
      [
        [0, 60],
        [70, 30],
      ],
      [[0, 20]],
    ]);
  });

  test("a title goes to the next page with the fragment that it stands above", () => {
    const title = fragment(10, { keepWithNext: true });
    expect(heights([fragment(70), title, title, fragment(15)], 100)).toEqual([
      [[0, 70]],
      [
        [0, 10],
        [10, 10],
        [20, 15],
      ],
    ]);
  });

  test("fragments that would be kept together but fill more than a page are divided", () => {
    const kept = fragment(60, { keepWithNext: true });
    expect(heights([kept, kept, kept], 100)).toEqual([[[0, 60]], [[0, 60]], [[0, 60]]]);
  });

  test("a header stands above the first fragment of a page, unless it is just what stands there", () => {
    const header = fragment(10);
    const row = fragment(40, { header });
    expect(heights([{ ...header, keepWithNext: true }, row, row, row], 100)).toEqual([
      [
        [0, 10],
        [10, 40],
        [50, 40],
      ],
      [
        [0, 10],
        [10, 40],
      ],
    ]);
  });

  test("keeps every fragment, once, in order, within its page", () => {
    const some = fc.record({
      height: fc.integer({ min: 1, max: 90 }),
      spaceBefore: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      keepWithNext: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), (shapes) => {
        const fragments = shapes.map((shape): Fragment => ({ ...shape, draw }));
        const pages = paginate(fragments, 100);
        expect(pages.flatMap((page) => page.map((placed) => placed.fragment))).toEqual(fragments);
        for (const page of pages) {
          let bottom = 0;
          for (const placed of page) {
            expect(placed.top).toBeGreaterThanOrEqual(bottom);
            bottom = placed.top + placed.fragment.height;
          }
          expect(bottom).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});

describe("pages that are filled", () => {
  const shown = (fragments: readonly Fragment[]) =>
    fitPages(fragments, 100).map((page) => page.map((placed) => placed.fragment.height));
  const rows = (count: number, spaceBefore = 0) =>
    Array.from({ length: count }, () => fragment(10, { spaceBefore }));

  test("a few rows are pulled up where smaller spaces make room", () => {
    expect(shown(rows(8, 4))).toEqual([Array(8).fill(10)]);
    expect(shown(rows(7, 4))).toEqual([Array(7).fill(10)]);
  });

  test("otherwise earlier pages end earlier, as far as what stays together allows", () => {
    expect(shown(rows(12)).map((page) => page.length)).toEqual([7, 5]);
    expect(shown(rows(21)).map((page) => page.length)).toEqual([8, 8, 5]);
    const chart = fragment(80);
    expect(shown([chart, ...rows(3)])).toEqual([[80], [10, 10, 10]]);
  });

  test("a last page that is filled by half stays as it is, and so does a single one", () => {
    expect(shown(rows(15)).map((page) => page.length)).toEqual([10, 5]);
    expect(shown(rows(1))).toEqual([[10]]);
    expect(shown([])).toEqual([[]]);
  });

  test("have every fragment, once and in order, on no more pages than before", () => {
    const some = fc.record({
      height: fc.integer({ min: 1, max: 90 }),
      spaceBefore: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      keepWithNext: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), (shapes) => {
        const fragments = shapes.map((shape): Fragment => ({ ...shape, draw }));
        const pages = fitPages(fragments, 100);
        expect(pages.flatMap((page) => page.map((placed) => placed.fragment))).toEqual(fragments);
        expect(pages.length).toBeLessThanOrEqual(paginate(fragments, 100).length);
        for (const page of pages)
          for (const { top, fragment: one } of page) expect(top + one.height).toBeLessThanOrEqual(100);
      }),
    );
  });
});
