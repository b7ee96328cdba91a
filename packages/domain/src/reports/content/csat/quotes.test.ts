import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { answer } from "./fixture/answers.ts";
import { quotesOf } from "./quotes.ts";

const textsOf = (...answers: Parameters<typeof quotesOf>[0]) =>
  quotesOf(answers)?.quotes.map(({ text }) => text) ?? [];

describe("quotes", () => {
  it("are the newest good words and the newest bad ones", () => {
    const found = quotesOf([
      answer({ score: 1, feedback_text: "We are looking at other vendors.", product: "MonetX" }),
      answer({ score: 3, feedback_text: "Works, but it is nothing special." }),
      answer({ survey_type: "nps", score: 9, feedback_text: "I would not want to miss it." }),
      answer({ survey_type: "nps", score: 8, feedback_text: "It is quite nice, all in all." }),
      answer({ survey_type: "nps", score: 6, feedback_text: "It has become rather slow." }),
    ]);
    expect(found?.quotes).toEqual([
      {
        text: "I would not want to miss it.",
        by: "NPS: 9 of 10 · 10 June 2026 · Ada · Nordlicht",
        tone: "good",
      },
      {
        text: "We are looking at other vendors.",
        by: "Quarterly: 1 of 5 · 10 June 2026 · Ada · Nordlicht",
        tone: "bad",
      },
      {
        text: "It has become rather slow.",
        by: "NPS: 6 of 10 · 10 June 2026 · Ada · Nordlicht",
        tone: "bad",
      },
    ]);
  });

  it("come from different customers first, and never twice in the same words", () => {
    const said = (customer_id: string, feedback_text: string) => answer({ customer_id, feedback_text });
    expect(
      textsOf(
        said("a", "The first words of somebody."),
        said("a", "The second words of somebody."),
        said("b", "The first words of somebody."),
        said("b", "Other words of somebody else."),
      ),
    ).toEqual([
      "The first words of somebody.",
      "Other words of somebody else.",
      "The second words of somebody.",
    ]);
  });

  it("leave out what says little, and are none where nobody said anything", () => {
    expect(
      quotesOf([answer({ feedback_text: "Good, thank you" }), answer({}), answer({ feedback_text: " " })]),
    ).toBeUndefined();
  });

  it("of one customer need no company", () => {
    expect(
      quotesOf([answer({ feedback_text: "We are very content with it." })], "Nordlicht")?.quotes[0]?.by,
    ).toBe("Quarterly: 5 of 5 · 10 June 2026 · Ada");
  });

  it("are short, on one line, and never end within a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 20, maxLength: 700 }), (feedback_text) => {
        const [text = ""] = textsOf(answer({ feedback_text: feedback_text.toWellFormed() }));
        expect(Array.from(text).length).toBeLessThanOrEqual(321);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/[\n\r\t]/);
      }),
    );
    expect(textsOf(answer({ feedback_text: "many words ".repeat(40) }))[0]).toMatch(/ many…$|words…$/);
  });
});
