import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Bar } from "../document.ts";
import { anyNumber, anyText, anyTone } from "../testing/arbitrary.ts";
import { drawingOf, expectCleanLayout, layoutContext } from "../testing/drawing.ts";
import { renderedText } from "../testing/rendered-text.ts";
import { colors, tones } from "../theme.ts";
import { layoutBarChart } from "./bar-chart.ts";

const context = await layoutContext();
const bar = (value: number, tone?: Bar["tone"]): Bar => ({
  label: `Of ${value}`,
  value,
  valueText: `${value}`,
  tone,
});

/** Widths of the filled bars. */
const lengths = (bars: readonly Bar[], max?: number) =>
  layoutBarChart({ kind: "barChart", bars, max }, context).flatMap((fragment) =>
    drawingOf(fragment).shapes.flatMap(({ left, right, paint }) =>
      paint.fill === undefined || paint.fill === colors.pale ? [] : [right - left],
    ),
  );

describe("a bar chart", () => {
  test("is read as its title, then each label with its value", async () => {
    const bars = [bar(31, "bad"), bar(0)];
    expect(await renderedText({ kind: "barChart", title: "Open alerts by type", bars })).toContain(
      "Open alerts by type Of 31 31 Of 0 0",
    );
  });

  test("has bars as long as their values; that of 0 is still visible", () => {
    const [first = 0, second = 0, third = 0] = lengths([bar(40), bar(10), bar(0)]);
    expect(first / second).toBeCloseTo(4, 6);
    expect(third).toBe(1.5);
  });

  test("whose values are all 0 has bars that are still visible", () => {
    expect(lengths([bar(0), bar(0)])).toEqual([1.5, 1.5]);
    expect(lengths([bar(0)], 5)).toEqual([1.5]);
  });

  test("has a line over the end of a bar that is an estimate, on the same scale, behind which the value begins", () => {
    const bars = [{ ...bar(10), range: [5, 40] as const }, bar(20)];
    const [fragment] = layoutBarChart({ kind: "barChart", bars }, context);
    if (!fragment) throw new Error("Nothing is drawn");
    const { shapes, texts } = drawingOf(fragment);
    const [first = 0, second = 0] = lengths(bars);
    expect(second / first).toBeCloseTo(2, 6);
    const filled = shapes.filter(({ paint }) => paint.fill !== undefined);
    const zero = filled[0]?.left ?? 0;
    const line = shapes.find(({ left, right, paint }) => paint.stroke === colors.ink && right > left);
    expect(((line?.left ?? 0) - zero) / first).toBeCloseTo(0.5, 6);
    expect(((line?.right ?? 0) - zero) / first).toBeCloseTo(4, 6);
    expect(Math.max(...texts.map(({ left }) => left))).toBeGreaterThan(line?.right ?? 0);
  });

  test("has bars in the color of their tone", () => {
    const [fragment] = layoutBarChart({ kind: "barChart", bars: [bar(1, "poor")] }, context);
    const fills = fragment === undefined ? [] : drawingOf(fragment).shapes.map(({ paint }) => paint.fill);
    expect(fills).toContain(tones.poor.fill);
  });

  test("has bars below 0 on the other side", () => {
    const [fragment] = layoutBarChart({ kind: "barChart", bars: [bar(10), bar(-10)] }, context);
    const filled =
      fragment === undefined
        ? []
        : drawingOf(fragment).shapes.filter(({ paint }) => paint.fill !== undefined);
    expect(filled[1]?.right).toBeCloseTo(filled[0]?.left ?? 0, 6);
  });

  test("is one fragment that stays with its title, unless it is higher than a chart should be", () => {
    const title = { kind: "barChart", title: "Bars" } as const;
    const fragments = layoutBarChart(
      { ...title, bars: Array.from({ length: 12 }, (_, n) => bar(n)) },
      context,
    );
    expect(fragments.map(({ keepWithNext }) => keepWithNext)).toEqual([true, undefined]);
    expect(
      layoutBarChart({ ...title, bars: Array.from({ length: 90 }, (_, n) => bar(n)) }, context),
    ).toHaveLength(91);
  });

  test("without bars says that there is no data", async () => {
    expect(await renderedText({ kind: "barChart", title: "Alerts", bars: [] })).toContain(
      "Alerts No data in this period.",
    );
  });

  test("keeps to its box whatever its bars are", () => {
    const any = fc.record(
      { label: anyText, value: anyNumber, valueText: anyText, tone: anyTone },
      { requiredKeys: ["label", "value", "valueText"] },
    );
    const max = fc.option(anyNumber, { nil: undefined });
    fc.assert(
      fc.property(fc.array(any, { maxLength: 8 }), max, (bars, whole) => {
        expectCleanLayout(layoutBarChart({ kind: "barChart", bars, max: whole }, context), context);
      }),
    );
  });
});
