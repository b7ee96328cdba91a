import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { LineChart } from "../document.ts";
import { render } from "../render.ts";
import { anyNumber, anyText, anyTone } from "../testing/arbitrary.ts";
import { drawingOf, expectCleanLayout, layoutContext, type Shape } from "../testing/drawing.ts";
import { renderedText } from "../testing/rendered-text.ts";
import { layoutLineChart } from "./line-chart.ts";

const context = await layoutContext();
const months = ["Jul 2026", "Aug 2026", "Sep 2026", "Oct 2026", "Nov 2026"];
const scores: LineChart = {
  kind: "lineChart",
  title: "Health by product",
  points: months,
  lines: [
    { name: "MonetX", tone: "accent", values: [60, 62, null, 66, 71.456] },
    { name: "SupportX", tone: "accent", values: [80, 79, 78, null, null] },
  ],
};
const days = Array.from({ length: 731 }, (_, day) =>
  new Date(Date.UTC(2024, 10, 22 + day)).toISOString().slice(0, 10),
);
const noisy: LineChart = {
  kind: "lineChart",
  points: days,
  lines: [
    { name: "NPS", tone: "accent", values: days.map((_, day) => Math.round(60 * Math.sin(day * 1.7))) },
  ],
};

const shapesOf = (block: LineChart): readonly Shape[] =>
  layoutLineChart(block, context).flatMap((fragment) => drawingOf(fragment).shapes);

describe("a line chart", () => {
  test("is read as its title, axis, points, and each line's latest value and name", async () => {
    const text = await renderedText(scores);
    for (const words of ["Health by product", "60 65 70 75 80", ...months, "71.46 MonetX", "78 SupportX"]) {
      expect(text).toContain(words);
    }
  });

  test("names the point of a line's latest value when that is not the last point", async () => {
    expect(await renderedText(scores)).toContain("78 SupportX Sep 2026");
  });

  test("without any value is replaced by a note", async () => {
    const none = { ...scores, lines: [{ name: "MonetX", tone: "good", values: [null, null] }] } as const;
    for (const block of [none, { ...scores, lines: [] }, { ...scores, points: [] }]) {
      const text = await renderedText(block);
      expect(text).toContain("Health by product No data in this period.");
      expect(text).not.toContain("MonetX");
    }
  });

  test("tells lines of one tone apart by their dashes and markers", () => {
    const [first, second] = shapesOf(scores).filter(
      ({ svg, paint }) => svg !== undefined && paint.fill === undefined,
    );
    expect(first?.paint.dashes).toBeUndefined();
    expect(second?.paint.dashes).toBeDefined();
    const markers = shapesOf(scores).filter(({ paint }) => paint.fill !== undefined);
    expect(new Set(markers.map(({ svg }) => svg)).size).toBe(2);
  });

  test("shows a point between two gaps as a dot, also among hundreds", () => {
    const values = days.map((_, day) => (day === 300 ? 50 : null));
    const one = {
      ...noisy,
      lines: [{ name: "NPS", tone: "good", values: [...values.slice(0, 700), 10] }],
    } as const;
    const dots = shapesOf(one).find(({ svg }) => svg?.includes("h0"));
    expect(dots?.paint.thickness).toBeGreaterThan(2);
  });

  test("of 731 days is small in bytes and names few of them", async () => {
    const bytes = async (blocks: readonly LineChart[]) =>
      (
        await render({
          title: "Days",
          facts: [],
          paper: "a4",
          created: new Date(0),
          footer: "",
          sections: [{ heading: "Days", blocks }],
        })
      ).length;
    expect((await bytes([noisy, noisy])) - (await bytes([noisy]))).toBeLessThan(6_000);
    const text = await renderedText(noisy);
    expect(text).toContain("2024-11-22 2025-04-17");
    expect(text.match(/\d{4}-\d\d-\d\d/g)).toHaveLength(6);
  });

  test("counts the lines beyond the twelfth", async () => {
    const lines = Array.from({ length: 14 }, (_, n) => ({
      name: `Line ${n}`,
      tone: "good" as const,
      values: [n],
    }));
    const text = await renderedText({ kind: "lineChart", points: ["Now"], lines });
    expect(text).toContain("Line 11");
    expect(text).not.toContain("Line 12");
    expect(text).toContain("Not drawn: 2 more.");
  });

  test("keeps to its box, with no label on another, whatever it shows", () => {
    const line = fc.record({
      name: anyText,
      tone: anyTone,
      values: fc.array(fc.option(anyNumber), { maxLength: 40 }),
    });
    const block = fc.record(
      {
        kind: fc.constant("lineChart" as const),
        points: fc.array(anyText, { maxLength: 40 }),
        lines: fc.array(line, { maxLength: 14 }),
        range: fc.tuple(anyNumber, anyNumber),
      },
      { requiredKeys: ["kind", "points", "lines"] },
    );
    fc.assert(
      fc.property(block, (each) => {
        for (const { shapes } of expectCleanLayout(layoutLineChart(each, context), context)) {
          for (const { svg } of shapes) expect(svg ?? "").not.toMatch(/NaN|Infinity/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
