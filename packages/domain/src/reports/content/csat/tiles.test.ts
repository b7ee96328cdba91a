import { describe, expect, it } from "vitest";
import { answered, counted } from "./fixture/answers.ts";
import { linksText, nobodyText, npsTile, responseTile, satisfactionTiles } from "./tiles.ts";

const period = { date_from: "2026-06-01", date_to: "2026-06-30" };

describe("key figures", () => {
  it("say how they have changed since the month before", () => {
    const figures = satisfactionTiles(
      answered({ now: counted({ 5: 1, 4: 2 }, { 10: 2, 0: 1 }), before: counted({ 3: 4 }, { 7: 5, 0: 5 }) }),
      period,
    );
    expect(figures).toEqual([
      { label: "Average CSAT, of 5", value: "4.33", note: "+1.33 vs May", tone: "good" },
      { label: "Answers", value: "6", note: "−8 vs May", tone: "neutral" },
      { label: "NPS", value: "+33", note: "+83 vs May", tone: "good" },
    ]);
  });

  it("say in words when there is nothing to compare with, and nothing at all", () => {
    expect(npsTile(answered({ now: counted({}, { 7: 1 }) }), period)).toMatchObject({
      value: "0",
      note: "none before to compare with",
    });
    expect(satisfactionTiles(answered({ now: counted({}, { 7: 1 }) }), period)).toMatchObject([
      { value: "None", note: "no answers from 1 to 5" },
      { value: "1", note: "none in the period before" },
      { value: "0" },
    ]);
    expect(nobodyText({ before: [] })).toBe("Nobody answered a survey in this period.");
    expect(nobodyText({ before: counted({ 1: 1 }) })).toBe(
      "Nobody answered a survey in this period; in the one before there was 1 answer.",
    );
  });
});

describe("the response rate", () => {
  const links = (created: number, used: number) => ({ created, answered: used });

  it("is how many of the period's links are answered", () => {
    expect(responseTile({ now: links(3, 1), before: links(4, 2) }, period)).toEqual({
      label: "Response rate",
      value: "33.3%",
      note: "−16.7 points vs May",
      tone: "neutral",
    });
    expect(linksText({ now: links(3, 1), before: links(0, 0) })).toContain(
      "Of 3 survey links given out in the period, 1 has been",
    );
  });

  it("is never above all of them: an answer may be counted before its link", () => {
    expect(responseTile({ now: links(2, 3), before: links(0, 0) }, period)).toMatchObject({
      value: "100.0%",
      note: "no links before to compare with",
    });
  });

  it("is none without links", () => {
    expect(responseTile({ now: links(0, 0), before: links(4, 2) }, period)).toMatchObject({ value: "None" });
  });
});
