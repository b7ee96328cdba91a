import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { paginate } from "./pages.ts";
import type { Piece } from "./piece.ts";

const draw = () => {};
const piece = (height: number, more: Partial<Piece> = {}): Piece => ({ height, draw, ...more });
const heights = (pieces: readonly Piece[], height: number) =>
  paginate(pieces, height).map((page) => page.map((placed) => [placed.top, placed.piece.height]));

describe("pages", () => {
  test("there is one even for nothing", () => {
    expect(paginate([], 100)).toEqual([[]]);
  });

  test("a piece that does not fit any more begins the next one", () => {
    expect(heights([piece(60), piece(40), piece(1)], 100)).toEqual([
      [
        [0, 60],
        [60, 40],
      ],
      [[0, 1]],
    ]);
  });

  test("a gap is left away at the top of a page, and counts elsewhere", () => {
    const gap = 10;
    expect(heights([piece(60, { gap }), piece(30, { gap }), piece(20, { gap })], 100)).toEqual([
      [
        [0, 60],
        [70, 30],
      ],
      [[0, 20]],
    ]);
  });

  test("a title goes to the next page with what it stands above", () => {
    const title = piece(10, { keepWithNext: true });
    expect(heights([piece(70), title, title, piece(15)], 100)).toEqual([
      [[0, 70]],
      [
        [0, 10],
        [10, 10],
        [20, 15],
      ],
    ]);
  });

  test("pieces that would be kept together but fill more than a page are divided", () => {
    const kept = piece(60, { keepWithNext: true });
    expect(heights([kept, kept, kept], 100)).toEqual([[[0, 60]], [[0, 60]], [[0, 60]]]);
  });

  test("a header stands above the first piece of a page, unless it is just what stands there", () => {
    const header = piece(10);
    const row = piece(40, { header });
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

  test("keep every piece, once, in order, inside of the page", () => {
    const some = fc.record({
      height: fc.integer({ min: 1, max: 90 }),
      gap: fc.option(fc.integer({ min: 1, max: 30 }), { nil: undefined }),
      keepWithNext: fc.boolean(),
    });
    fc.assert(
      fc.property(fc.array(some, { maxLength: 40 }), (shapes) => {
        const pieces = shapes.map((shape): Piece => ({ ...shape, draw }));
        const pages = paginate(pieces, 100);
        expect(pages.flatMap((page) => page.map((placed) => placed.piece))).toEqual(pieces);
        for (const page of pages) {
          let bottom = 0;
          for (const placed of page) {
            expect(placed.top).toBeGreaterThanOrEqual(bottom);
            bottom = placed.top + placed.piece.height;
          }
          expect(bottom).toBeLessThanOrEqual(100);
        }
      }),
    );
  });
});
