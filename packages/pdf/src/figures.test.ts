import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { layoutTiles } from "./blocks/tiles.ts";
import type { Block } from "./document.ts";
import { layoutContext } from "./testing/drawing.ts";
import { renderedText, renderedTexts } from "./testing/rendered-text.ts";

const dollars = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });

/** From nothing to a hundred billion, in cents, and below nothing. */
const cents = fc
  .oneof(fc.nat(10 ** 13), fc.nat(10 ** 9), fc.constantFrom(0, 1, 123_456_789, 99_999_999_999, 10 ** 13))
  .chain((most) => fc.constantFrom(most, -most));

/** Figures as reports print them: amounts, counts, percentages, changes, dates, periods. */
const figure = fc.oneof(
  cents.map((value) => dollars.format(value / 100).replace("-", "−")),
  cents.map((value) => `${dollars.format(value / 100)} (1,234)`),
  fc.nat(10 ** 13).map((count) => count.toLocaleString("en-US")),
  fc.double({ min: -100, max: 100, noNaN: true }).map((percent) => `${percent.toFixed(1)}%`),
  fc.integer({ min: -100, max: 100 }).map((change) => `${change < 0 ? "−" : "+"}${Math.abs(change)} points`),
  fc.constantFrom("27 Nov 2026", "2026-11-27", "15 Dec 2025 – 13 Jan 2026", "22 Nov 2026, 14:05 UTC"),
);

/** What stands in a PDF, without the blanks at which lines may end. */
const packed = (text: string) => text.replaceAll(/\s/g, "");

const NAME = "Northern Territories Holding and Trading Company of the Ancient Islands";

/** Every place of a page for a figure, `count` of a kind beside each other. */
const blocksOf = (figures: readonly string[], count: number): Block[] => {
  const some = figures.slice(0, count);
  return [
    { kind: "tiles", tiles: figures.map((value) => ({ label: NAME, value, note: value, tone: "good" })) },
    {
      kind: "table",
      columns: [{ heading: "Customer" }, ...some.map((heading) => ({ heading, align: "right" as const }))],
      rows: [
        [NAME, ...some],
        [NAME, ...some.map((text) => ({ text, tone: "bad" as const }))],
      ],
    },
    {
      kind: "barChart",
      title: `Worth ${some[0]}`,
      bars: some.map((valueText, n) => ({ label: valueText, value: n - 1, valueText })),
    },
    {
      kind: "lineChart",
      points: some,
      lines: [{ name: "Value", tone: "accent", values: some.map((_, n) => n) }],
    },
  ];
};

describe("a figure", () => {
  test("is printed whole in every place, whatever stands beside it", async () => {
    const pages = fc.tuple(fc.array(figure, { minLength: 1, maxLength: 12 }), fc.integer({ min: 1, max: 5 }));
    await fc.assert(
      fc.asyncProperty(pages, async ([figures, count]) => {
        const blocks = blocksOf(figures, count);
        const texts = await renderedTexts(...blocks.map((block) => [block]));
        expect(texts).toHaveLength(blocks.length);
        for (const [n, { kind }] of blocks.entries()) {
          const text = packed(texts[n] ?? "");
          // Of the names of points as many are printed as fit.
          const whole = { tiles: figures, lineChart: [] }[kind as string] ?? figures.slice(0, count);
          for (const one of whole) expect(text, `${kind}: ${one}`).toContain(packed(one));
          expect(text.replaceAll(/[\p{L}]…/gu, "")).not.toContain("…");
        }
      }),
      { numRuns: 60 },
    );
  });

  test.each([1, 4, 20])("that a chart computes is whole too: %i parts", async (count) => {
    const large = 8_888_888_888_888;
    const parts = Array.from({ length: count }, (_, n) => ({
      label: `Part ${n}`,
      value: large,
      share: "5.0%",
      tone: "good" as const,
    }));
    const lines = Array.from({ length: count }, (_, n) => ({
      name: `Line ${n}`,
      tone: "good" as const,
      values: [large - n * 10 ** 12, 0.25],
    }));
    const text = await renderedText(
      { kind: "stackedBar", parts },
      { kind: "lineChart", points: ["Jan 2026", "Feb 2026"], lines },
      { kind: "table", columns: [{ heading: "A" }], rows: [["a"]], more: large },
    );
    expect(text).not.toContain("…");
    expect(text.split("8,888,888,888,888").length - 1).toBe(count + 1);
  });

  test("in a sentence that is cut is left out as a whole", async () => {
    const said = "Contract of the year in all of its many parts is worth";
    const note = `${said} $123,456,789.00 at the least`;
    const text = await renderedText({
      kind: "tiles",
      tiles: Array.from({ length: 5 }, () => ({ label: "A", value: "1", note: `${said} ${note}` })),
    });
    expect(text).not.toMatch(/\d…/);
  });

  test("stays large enough to read: tiles get wider first", async () => {
    const context = await layoutContext();
    const tile = { label: "Contract value", value: "$100,000,000,000.00" };
    const rows = layoutTiles({ kind: "tiles", tiles: Array.from({ length: 10 }, () => tile) }, context);
    expect(rows.length).toBeGreaterThan(2);
    const small = layoutTiles(
      { kind: "tiles", tiles: Array.from({ length: 10 }, () => ({ ...tile, value: "$100B" })) },
      context,
    );
    expect(small).toHaveLength(2);
  });
});
