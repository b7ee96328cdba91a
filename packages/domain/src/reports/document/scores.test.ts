import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import { counts, csatData } from "./fixture/responses.ts";
import { incompleteText } from "./query.ts";
import { byProductSection, npsSection, scoresSection } from "./scores.ts";

const period = { date_from: "2026-06-01", date_to: "2026-06-30" };
const none = { created: 0, answered: 0 };
const links = { current: none, previous: none };

describe("scores", () => {
  const some = csatData({
    current: counts({ 5: 3, 1: 1 }, { 9: 1, 2: 1 }),
    previous: counts({ 5: 1 }),
    links,
  });

  it("have a row for each survey that was answered, on its own scale", () => {
    const { blocks } = scoresSection(some, period);
    expect(blocks[1]).toMatchObject({
      title: "By survey, with changes vs May",
      rows: [
        ["Quarterly", "1 to 5", "4", "4.00", "2.19 to 5.00", { text: "−1.00", tone: "bad" }],
        ["NPS", "0 to 10", "2", "5.50", "0.73 to 9.94", "none before"],
      ],
    });
  });

  it("are spread over 1 to 5, without those of NPS", () => {
    const { blocks } = scoresSection(some, period);
    expect(
      blocks[2]?.kind === "barChart" &&
        blocks[2].bars.map(({ label, valueText }) => `${label}: ${valueText}`),
    ).toEqual(["5, best: 3 (75.0%)", "4: 0", "3: 0", "2: 0", "1, worst: 1 (25.0%)"]);
  });

  it("say where a long history was cut", () => {
    const texts = (complete: boolean) =>
      JSON.stringify(scoresSection(csatData({ ...some, complete }), period));
    expect(texts(false)).toContain(incompleteText());
    expect(texts(true)).not.toContain(incompleteText());
  });

  it("of nobody are a sentence, with what became of links", () => {
    expect(scoresSection(csatData({ links }), period).blocks).toMatchObject([
      { text: "Nobody answered a survey in this period." },
      { text: "No survey links were made in this period; answers that the team types in need none." },
    ]);
  });
});

describe("the net promoter score", () => {
  it("is shown with the groups that it is made of", () => {
    const { blocks } = npsSection(csatData({ current: counts({ 5: 9 }, { 10: 3, 8: 1, 0: 2 }) }), period);
    expect(blocks).toMatchObject([
      {
        tiles: [
          { value: "+17" },
          { value: "50.0%", note: "3 answers" },
          { value: "16.7%" },
          { value: "33.3%" },
        ],
      },
      { title: "6 NPS answers", parts: [{ value: 3 }, { value: 1 }, { value: 2 }] },
      { kind: "barChart" },
    ]);
    expect(blocks[2]?.kind === "barChart" && blocks[2].bars.map(({ value }) => value)).toEqual([
      3, 0, 1, 0, 0, 0, 0, 0, 0, 0, 2,
    ]);
  });

  it("of few answers needs no bars, and of none no figures", () => {
    expect(npsSection(csatData({ current: counts({}, { 10: 2, 8: 1 }) }), period).blocks).toMatchObject([
      { tiles: [{ value: "3 answers" }, { value: "2" }, { value: "1" }, { value: "0" }] },
      { kind: "text", text: "The scores are 10, 10 and 8." },
    ]);
    expect(npsSection(csatData({ current: counts({ 5: 9 }) }), period).blocks).toEqual([
      { kind: "text", text: "Nobody answered an NPS survey in this period." },
    ]);
  });
});

describe("satisfaction by product", () => {
  it("keeps the scales apart, and says how each has changed", () => {
    const { blocks } = byProductSection(
      csatData({
        current: counts({ 4: 10 }, { 10: 5 }),
        byProduct: new Map([
          ["MonetX", { current: counts({ 4: 2, 5: 1 }, { 0: 2, 9: 2, 10: 2 }), previous: counts({ 5: 1 }) }],
          ["SupportX", { current: counts({ 2: 1 }), previous: [] }],
          ["GreenX", { current: [], previous: counts({ 3: 1 }) }],
        ]),
      }),
      period,
    );
    expect(blocks).toMatchObject([
      {
        kind: "table",
        title: "Average CSAT, with changes vs May",
        rows: [
          ["MonetX", { text: "4.33", tone: "good" }, "2.80 to 5.00", { text: "−0.67", tone: "bad" }, "3"],
          ["SupportX", { text: "2.00", tone: "bad" }, "1.00 to 4.58", "none before", "1"],
        ],
      },
      { kind: "table", rows: [["MonetX", "+33", "−36 to +80", "none before", "6"]] },
      { kind: "text", text: "5 more answers are about no product." },
    ]);
  });

  it("says so when nobody answered about a product", () => {
    expect(byProductSection(csatData(), period).blocks).toEqual([
      { kind: "text", text: "No answer of this period is about a product." },
    ]);
  });
});
