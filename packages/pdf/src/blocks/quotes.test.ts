import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Quotes } from "../document.ts";
import { anyText, anyTone } from "../testing/arbitrary.ts";
import { drawingOf, expectCleanLayout, layoutContext } from "../testing/drawing.ts";
import { renderedText } from "../testing/rendered-text.ts";
import { tones } from "../theme.ts";
import { layoutQuotes } from "./quotes.ts";

const context = await layoutContext();
const quotes = (...each: Quotes["quotes"]) => layoutQuotes({ kind: "quotes", quotes: each }, context);

const drawing = (quote: Quotes["quotes"][number]) => {
  const [fragment] = quotes(quote);
  return fragment === undefined ? { texts: [], shapes: [] } : drawingOf(fragment);
};

describe("quotes", () => {
  test("are read with their authors", async () => {
    const text = await renderedText({
      kind: "quotes",
      quotes: [{ text: "Quick and friendly.", by: "Acme, 21 November 2026", tone: "good" }],
    });
    expect(text).toContain("Quick and friendly. Acme, 21 November 2026");
  });

  test("have at most six lines, the last one truncated", async () => {
    const text = "Too much to be printed. ".repeat(60);
    expect(drawing({ text, by: "Acme" }).texts).toHaveLength(7);
    expect(await renderedText({ kind: "quotes", quotes: [{ text, by: "Acme" }] })).toMatch(/… Acme/);
  });

  test("leave out blank lines and blank quotes", () => {
    expect(drawing({ text: "One\n\n\n  \r\nTwo\n", by: "Acme" }).texts).toHaveLength(3);
    expect(quotes({ text: " \n", by: "Acme" })).toEqual([]);
  });

  test("have a rule in the color of their tone on the left, and on the right where they run from right to left", () => {
    const ruleOf = (text: string) =>
      drawing({ text, by: "Acme", tone: "bad" }).shapes.find(({ paint }) => paint.fill === tones.bad.fill);
    expect(ruleOf("Slow.")).toMatchObject({ left: 0 });
    expect(ruleOf("بطيء جداً")).toMatchObject({ right: context.width });
    const rightToLeft = drawing({ text: "بطيء جداً", by: "Acme" }).texts;
    expect(rightToLeft.map(({ right }) => right)).toEqual([context.width - 12, context.width - 12]);
  });

  test("may be divided between two of them, but not within one", () => {
    const fragments = quotes({ text: "One", by: "A" }, { text: "Two", by: "B" });
    expect(fragments.map(({ spaceBefore, keepWithNext }) => [spaceBefore, keepWithNext])).toEqual([
      [undefined, undefined],
      [12, undefined],
    ]);
  });

  test("keep to their boxes whatever they say", () => {
    const quote = fc.record({ text: anyText, by: anyText, tone: anyTone }, { requiredKeys: ["text", "by"] });
    fc.assert(
      fc.property(fc.array(quote, { maxLength: 4 }), (each) => {
        expectCleanLayout(quotes(...each), context);
      }),
    );
  });
});
