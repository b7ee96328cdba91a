import "./fixture/english.ts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countThemes, feedbackSection, quotesOf, themeBars } from "./feedback.ts";
import { counts, csatData, response } from "./fixture/responses.ts";

const low = (n: number) =>
  response({
    customer_name: `Company ${n}`,
    score: 1,
    submitted_at: `2026-06-${10 + (n % 10)}T08:00:00.000Z`,
  });

const asked = { period: { date_from: "2026-06-01", date_to: "2026-06-30" } };

describe("feedback", () => {
  it("lists the newest fifteen low scores, and says how many more there are", async () => {
    const rows = Array.from({ length: 20 }, (_, n) => low(n));
    const { blocks } = await feedbackSection(
      csatData({ current: counts({ 1: 900, 3: 5 }), newest: async () => ({ rows, whole: false }) }),
      asked,
    );
    const [table] = blocks;
    expect(table).toMatchObject({ kind: "table", more: 885 });
    expect(table?.kind === "table" && table.rows).toHaveLength(15);
    expect(table?.kind === "table" && table.rows[3]).toEqual([
      "Company 3",
      { text: "1 of 5", tone: "bad" },
      "Quarterly",
      "13\u00a0Jun\u00a0’26",
    ]);
  });

  it("shows what was written a moment before it was counted", async () => {
    const { blocks } = await feedbackSection(
      csatData({ newest: async () => ({ rows: [low(1)], whole: true }) }),
      asked,
    );
    expect(blocks[0]).toMatchObject({ kind: "table", more: 0 });
  });

  it("says what was looked at", async () => {
    const rows = Array.from({ length: 1_001 }, () => response({ feedback_text: "Great" }));
    const of = async (all: typeof rows, whole: boolean) => {
      const { blocks } = await feedbackSection(
        csatData({ newest: async () => ({ rows: all, whole }) }),
        asked,
      );
      return blocks.at(-1);
    };
    expect(await of(rows, true)).toMatchObject({
      text: expect.stringContaining("the newest 1,000 comments"),
    });
    expect(await of(rows.slice(0, 2), false)).toMatchObject({
      text: expect.stringContaining("the newest 2 comments"),
    });
    expect(await of(rows.slice(0, 2), true)).toMatchObject({
      text: expect.stringContaining("the 2 comments of the period"),
    });
    expect(await of([], true)).toMatchObject({ text: "Nobody wrote a comment in this period." });
    expect(await of([], false)).toMatchObject({ text: "The newest answers have no comments." });
  });
});

const textsOf = (...responses: Parameters<typeof quotesOf>[0]) =>
  quotesOf(responses)?.quotes.map(({ text }) => text) ?? [];

describe("quotes", () => {
  it("are the newest good words and the newest bad ones", () => {
    const found = quotesOf([
      response({ score: 1, feedback_text: "We are looking at other vendors.", product: "MonetX" }),
      response({ score: 3, feedback_text: "Works, but it is nothing special." }),
      response({ survey_type: "nps", score: 9, feedback_text: "I would not want to miss it." }),
      response({ survey_type: "nps", score: 8, feedback_text: "It is quite nice, all in all." }),
      response({ survey_type: "nps", score: 6, feedback_text: "It has become rather slow." }),
    ]);
    expect(found?.quotes).toEqual([
      {
        text: "I would not want to miss it.",
        by: "NPS: 9 of 10 · 10 Jun 2026 · Ada · Nordlicht",
        tone: "good",
      },
      {
        text: "We are looking at other vendors.",
        by: "Quarterly: 1 of 5 · 10 Jun 2026 · Ada · Nordlicht",
        tone: "bad",
      },
      {
        text: "It has become rather slow.",
        by: "NPS: 6 of 10 · 10 Jun 2026 · Ada · Nordlicht",
        tone: "bad",
      },
    ]);
  });

  it("come from different customers first, and never twice in the same words", () => {
    const said = (customer_id: string, feedback_text: string) => response({ customer_id, feedback_text });
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
      quotesOf([
        response({ feedback_text: "Good, thank you" }),
        response({}),
        response({ feedback_text: " " }),
      ]),
    ).toBeUndefined();
  });

  it("of one customer need no company", () => {
    expect(
      quotesOf([response({ feedback_text: "We are very content with it." })], "Nordlicht")?.quotes[0]?.by,
    ).toBe("Quarterly: 5 of 5 · 10 Jun 2026 · Ada");
  });

  it("are short, on one line, and never end within a character", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", minLength: 20, maxLength: 700 }), (feedback_text) => {
        const [text = ""] = textsOf(response({ feedback_text: feedback_text.toWellFormed() }));
        expect(Array.from(text).length).toBeLessThanOrEqual(321);
        expect(text.isWellFormed()).toBe(true);
        expect(text).not.toMatch(/[\n\r\t]/);
      }),
    );
    expect(textsOf(response({ feedback_text: "many words ".repeat(40) }))[0]).toMatch(/ many…$|words…$/);
  });
});

it("words are counted by comment, the most frequent first", async () => {
  const found = await countThemes([
    "Great, great people.",
    "Great, but slow.",
    "Not good.",
    "Slow. Not good.",
    "Nobody feels responsible.",
    "Так себе",
  ]);
  expect(found).toEqual({
    praise: [["great", 2]],
    complaints: [
      ["not good", 2],
      ["slow", 2],
    ],
  });
  expect(themeBars(found)).toMatchObject([
    { title: "Words of praise", max: 2, bars: [{ label: "great", value: 2, valueText: "2", tone: "good" }] },
    { title: "Words of complaint", max: 2, bars: [{ label: "not good" }, { label: "slow" }] },
  ]);
  expect(themeBars(await countThemes([]))).toEqual([]);
});
