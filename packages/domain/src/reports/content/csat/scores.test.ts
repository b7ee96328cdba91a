import { describe, expect, it } from "vitest";
import { answered, counted } from "./fixture/answers.ts";
import { npsSection } from "./nps.ts";
import { scoresSection } from "./scores.ts";
import { CUT } from "./words.ts";

const period = { date_from: "2026-06-01", date_to: "2026-06-30" };
const links = { now: { created: 0, answered: 0 }, before: { created: 0, answered: 0 } };

describe("scores", () => {
  const some = answered({ now: counted({ 5: 3, 1: 1 }, { 9: 1, 2: 1 }), before: counted({ 5: 1 }), links });

  it("have a row for each survey that was answered, on its own scale", () => {
    const { blocks } = scoresSection(some, period);
    expect(blocks[1]).toMatchObject({
      title: "By survey, with changes vs May",
      rows: [
        ["Quarterly", "1 to 5", "4", "4.00", { text: "−1.00", tone: "bad" }],
        ["NPS", "0 to 10", "2", "5.50", "none before"],
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
    const texts = (whole: boolean) => JSON.stringify(scoresSection(answered({ ...some, whole }), period));
    expect(texts(false)).toContain(CUT);
    expect(texts(true)).not.toContain(CUT);
  });

  it("of nobody are a sentence, with what became of links", () => {
    expect(scoresSection(answered({ links }), period).blocks).toMatchObject([
      { text: "Nobody answered a survey in this period." },
      { text: "No survey links were given out in the period; answers that the team types in need none." },
    ]);
  });
});

describe("the net promoter score", () => {
  it("is shown with the groups that it is made of", () => {
    const { blocks } = npsSection(answered({ now: counted({ 5: 9 }, { 10: 3, 8: 1, 0: 2 }) }), period);
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
    expect(npsSection(answered({ now: counted({}, { 10: 2, 8: 1 }) }), period).blocks[2]).toEqual({
      kind: "text",
      text: "The scores are 10, 10 and 8.",
    });
    expect(npsSection(answered({ now: counted({ 5: 9 }) }), period).blocks).toEqual([
      { kind: "text", text: "Nobody answered an NPS survey in this period." },
    ]);
  });
});
