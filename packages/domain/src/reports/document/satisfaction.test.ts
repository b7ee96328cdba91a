import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import { counts, csatData } from "./fixture/responses.ts";
import { linksText, noAnswersText, npsTile, responseRateTile, satisfactionTiles } from "./satisfaction.ts";

const period = { date_from: "2026-06-01", date_to: "2026-06-30" };

describe("key figures", () => {
  it("say how they have changed since the month before", () => {
    const figures = satisfactionTiles(
      csatData({
        current: counts({ 5: 1, 4: 2 }, { 10: 4, 0: 2 }),
        previous: counts({ 3: 4 }, { 7: 5, 0: 5 }),
      }),
      period,
    );
    expect(figures).toEqual([
      {
        label: "CSAT in the period (1–5)",
        value: "4.33",
        note: "95%: 2.80 to 5.00, 3 answers; +1.33 vs May",
        tone: "good",
      },
      { label: "Answers in the period", value: "9", note: "−5 vs May", tone: "neutral" },
      {
        label: "NPS in the period",
        value: "+33",
        note: "95%: −36 to +80, 6 answers; +83 vs May",
        tone: "good",
      },
    ]);
  });

  it("say in words when there is nothing to compare with, and nothing at all", () => {
    expect(npsTile(csatData({ current: counts({}, { 7: 5 }) }), period)).toMatchObject({
      value: "0",
      note: expect.stringMatching(/; no answers before$/),
    });
    const few = { current: counts({}, { 7: 5 }), previous: counts({}, { 0: 4 }) };
    expect(npsTile(csatData(few), period).note).toMatch(/; too few before$/);
    const young = { ...few, previous: counts({}, { 0: 40 }), since: "2026-05-20" };
    expect(npsTile(csatData(young), period).note).toMatch(/; no data before 20 May 2026$/);
    expect(satisfactionTiles(csatData({ current: counts({}, { 7: 1 }) }), period)).toMatchObject([
      { value: "No answers", note: "from 1 to 5 in this period" },
      { value: "1", note: "none before" },
      { value: "1 answer", note: "no NPS of fewer than 5" },
    ]);
    expect(noAnswersText({ previous: [] })).toBe("Nobody answered a survey in this period.");
    expect(noAnswersText({ previous: counts({ 1: 1 }) })).toBe(
      "Nobody answered a survey in this period; in the one before there was 1 answer.",
    );
  });
});

describe("the response rate", () => {
  const links = (created: number, used: number) => ({ created, answered: used });

  it("is how many of the period's links are answered", () => {
    expect(responseRateTile({ current: links(3, 1), previous: links(4, 2) }, period)).toEqual({
      label: "Response rate in the period",
      value: "33.3%",
      note: "of 3 links; −16.7 points vs May",
      tone: "neutral",
    });
    expect(linksText({ current: links(3, 1), previous: links(0, 0) })).toContain(
      "Of 3 survey links made in this period, 1 has been",
    );
  });

  it("is never above all of them: an answer may be counted before its link", () => {
    expect(responseRateTile({ current: links(2, 3), previous: links(0, 0) }, period)).toMatchObject({
      value: "100.0%",
      note: "of 2 links; no links before",
    });
  });

  it("is none without links", () => {
    expect(responseRateTile({ current: links(0, 0), previous: links(4, 2) }, period)).toMatchObject({
      value: "No links",
    });
  });
});
