import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Quotes } from "../document.ts";
import { anyText, anyTone } from "../testing/arbitrary.ts";
import { drawingOf, expectTidy, layoutContext } from "../testing/drawing.ts";
import { renderedText } from "../testing/rendered-text.ts";
import { tones } from "../theme.ts";
import { layoutQuotes } from "./quotes.ts";

const context = await layoutContext();
const quotes = (...each: Quotes["quotes"]) => layoutQuotes({ kind: "quotes", quotes: each }, context);

const drawn = (quote: Quotes["quotes"][number]) => {
  const [fragment] = quotes(quote);
  return fragment === undefined ? { texts: [], shapes: [] } : drawingOf(fragment);
};

describe("what people wrote", () => {
  test("can be read, with who it was", async () => {
    const text = await renderedText({
      kind: "quotes",
      quotes: [{ text: "Quick and friendly.", by: "Acme, 21 November 2026", tone: "good" }],
    });
    expect(text).toContain("Quick and friendly. Acme, 21 November 2026");
  });

  test("has at most six lines, and says that there is more", async () => {
    const text = "Too much to be printed. ".repeat(60);
    expect(drawn({ text, by: "Acme" }).texts).toHaveLength(7);
    expect(await renderedText({ kind: "quotes", quotes: [{ text, by: "Acme" }] })).toMatch(/… Acme/);
  });

  test("takes no room for empty lines, nor for those who wrote nothing", () => {
    expect(drawn({ text: "One\n\n\n  \r\nTwo\n", by: "Acme" }).texts).toHaveLength(3);
    expect(quotes({ text: " \n", by: "Acme" })).toEqual([]);
  });

  test("has a rule in the color of its tone on the left, and on the right of what is written from the right", () => {
    const ruleOf = (text: string) =>
      drawn({ text, by: "Acme", tone: "bad" }).shapes.find(({ paint }) => paint.fill === tones.bad.fill);
    expect(ruleOf("Slow.")).toMatchObject({ left: 0 });
    expect(ruleOf("بطيء جداً")).toMatchObject({ right: context.width });
    const fromRight = drawn({ text: "بطيء جداً", by: "Acme" }).texts;
    expect(fromRight.map(({ right }) => right)).toEqual([context.width - 12, context.width - 12]);
  });

  test("may end a page between two of them, but not in the middle of one", () => {
    const fragments = quotes({ text: "One", by: "A" }, { text: "Two", by: "B" });
    expect(fragments.map(({ spaceBefore, keepWithNext }) => [spaceBefore, keepWithNext])).toEqual([
      [undefined, undefined],
      [12, undefined],
    ]);
  });

  test("keeps to its box whatever it is", () => {
    const quote = fc.record({ text: anyText, by: anyText, tone: anyTone }, { requiredKeys: ["text", "by"] });
    fc.assert(
      fc.property(fc.array(quote, { maxLength: 4 }), (each) => {
        expectTidy(quotes(...each), context);
      }),
    );
  });
});
