import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { StackedBar } from "../document.ts";
import { anyNumber, anyText, anyTone } from "../testing/arbitrary.ts";
import { drawingOf, expectCleanLayout, layoutContext } from "../testing/drawing.ts";
import { renderedText } from "../testing/rendered-text.ts";
import { layoutStackedBar } from "./stacked-bar.ts";

const context = await layoutContext();
const nps: StackedBar["parts"] = [
  { label: "Promoters", value: 412, share: "60.2%", tone: "good" },
  { label: "Passives", value: 180, share: "26.3%", tone: "neutral" },
  { label: "Detractors", value: 92, share: "13.5%", tone: "bad" },
];

describe("a stacked bar", () => {
  test("is read as each part with its percentage and its count", async () => {
    const text = await renderedText({ kind: "stackedBar", title: "Who recommends us", parts: nps });
    expect(text).toContain("Who recommends us");
    for (const words of ["Promoters 60.2% 412", "Passives 26.3% 180", "Detractors 13.5% 92"]) {
      expect(text).toContain(words);
    }
  });

  test("shows a part of one in a hundred thousand", () => {
    const parts = [
      { label: "Most", value: 100_000, share: "100.0%", tone: "good" },
      { label: "One", value: 1, share: "<0.1%", tone: "bad" },
    ] as const;
    const [chart] = layoutStackedBar({ kind: "stackedBar", parts }, context);
    const bar = chart === undefined ? [] : drawingOf(chart).shapes.filter(({ top }) => top === 0);
    expect(bar).toHaveLength(2);
    expect((bar[1]?.right ?? 0) - (bar[1]?.left ?? 0)).toBeGreaterThan(2);
    expect(bar[1]?.right).toBeCloseTo(context.width, 6);
  });

  test("without any value says that there is no data", async () => {
    const parts = nps.map((part) => ({ ...part, value: 0 }));
    expect(await renderedText({ kind: "stackedBar", title: "NPS", parts })).toContain(
      "NPS No data in this period.",
    );
  });

  test("is one fragment that stays with its title", () => {
    const fragments = layoutStackedBar({ kind: "stackedBar", title: "NPS", parts: nps }, context);
    expect(fragments.map(({ keepWithNext }) => keepWithNext)).toEqual([true, undefined]);
  });

  test("keeps to its box whatever it is made of", () => {
    const part = fc.record({ label: anyText, value: anyNumber, share: anyText, tone: anyTone });
    fc.assert(
      fc.property(fc.array(part, { maxLength: 20 }), (parts) => {
        expectCleanLayout(layoutStackedBar({ kind: "stackedBar", parts }, context), context);
      }),
    );
  });
});
