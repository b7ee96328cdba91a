import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Tile } from "../document.ts";
import { anyText, anyTone } from "../testing/arbitrary.ts";
import { drawingOf, expectCleanLayout, layoutContext } from "../testing/drawing.ts";
import { renderedText } from "../testing/rendered-text.ts";
import { layoutTiles } from "./tiles.ts";

const context = await layoutContext();
const tiles = (...each: readonly Tile[]) => layoutTiles({ kind: "tiles", tiles: each }, context);
const boxesOf = (fragment: ReturnType<typeof tiles>[number]) =>
  drawingOf(fragment).shapes.filter((shape) => shape.svg === undefined);

describe("tiles", () => {
  test("are read as label, value, note", async () => {
    const text = await renderedText({
      kind: "tiles",
      tiles: [{ label: "Net promoter score", value: "+37", note: "−4 since October", tone: "poor" }],
    });
    expect(text).toContain("Net promoter score +37 −4 since October");
  });

  test("of a row are equally high and wide, whatever their texts are", () => {
    const [row] = tiles(
      { label: "Customers", value: "10,000" },
      { label: "Customers at risk with a contract that ends in this quarter", value: "3", note: "as in May" },
    );
    const boxes = row === undefined ? [] : boxesOf(row);
    expect(boxes.map(({ top, bottom }) => [top, bottom])).toEqual([
      [0, row?.height],
      [0, row?.height],
    ]);
    const [first, second] = boxes.map(({ left, right }) => right - left);
    expect(first).toBeCloseTo(second ?? 0, 6);
  });

  test("that do not fit in one row continue in the next, which rather is on the same page", () => {
    const rows = tiles(...Array.from({ length: 7 }, (_, index) => ({ label: `Tile ${index}`, value: "1" })));
    expect(rows.map((row) => boxesOf(row).length)).toEqual([4, 3]);
    expect(rows.map(({ keepWithNext }) => keepWithNext)).toEqual(["rather", false]);
  });

  test("print long values in a smaller font instead of truncating them", async () => {
    const value = "$1,234,567,890.00";
    const four = Array.from({ length: 4 }, () => ({ label: "Value", value }));
    expect(await renderedText({ kind: "tiles", tiles: four })).toContain(value);
    const sizes = (fragments: ReturnType<typeof tiles>) =>
      fragments.flatMap((fragment) => drawingOf(fragment).texts.map(({ top, bottom }) => bottom - top));
    expect(Math.max(...sizes(tiles(...four)))).toBeLessThan(Math.max(...sizes(tiles({ label: "", value }))));
  });

  test("print words that are too long for a line on two", async () => {
    const five = Array.from({ length: 5 }, () => ({
      label: "Réponses",
      value: "Pas de réponses",
      note: "ici",
    }));
    expect(await renderedText({ kind: "tiles", tiles: five })).toContain("Pas de réponses ici");
  });

  test("mark good and bad notes by an icon too, not by their color alone", () => {
    const icons = (tone: Tile["tone"]) => {
      const [row] = tiles({ label: "A", value: "1", note: "so", tone });
      return row === undefined ? [] : drawingOf(row).shapes.flatMap(({ svg }) => svg ?? []);
    };
    const shapes = (["good", "fair", "poor", "bad"] as const).map((tone) => icons(tone).join());
    expect(new Set(shapes).size).toBe(4);
    expect(shapes).not.toContain("");
    expect(icons("neutral")).toEqual([]);
  });

  test("are no fragments when there are none", () => {
    expect(tiles()).toEqual([]);
  });

  test("keep to their boxes whatever they say", () => {
    const tile = fc.record(
      { label: anyText, value: anyText, note: anyText, tone: anyTone },
      { requiredKeys: ["label", "value"] },
    );
    fc.assert(
      fc.property(fc.array(tile, { maxLength: 12 }), (each) => {
        expectCleanLayout(tiles(...each), context);
      }),
    );
  });
});
