import { scaleOf } from "@success-manager/contract/surveys";
import { SurveyType } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type SurveyInput, toStoredSurvey } from "./serialize.ts";
import { detectLowScore, lowScoreSeverity } from "./write.ts";

const response = (changes: Partial<SurveyInput> = {}) =>
  toStoredSurvey(
    {
      id: "survey-1",
      customer_id: "customer-1",
      survey_type: "nps",
      score: 3,
      submitted_by_name: "Ada",
      submitted_at: "2026-01-01T00:00:00.000Z",
      ...changes,
    },
    "Nordlicht",
  );

describe("the severity of a low score", () => {
  it.each([
    ["nps", 0, "high"],
    ["nps", 3, "high"],
    ["nps", 4, "medium"],
    ["nps", 6, "medium"],
    ["nps", 7, undefined],
    ["quarterly", 1, "high"],
    ["quarterly", 2, "medium"],
    ["quarterly", 3, undefined],
  ] as const)("%s %i: %s", (type, score, severity) => expect(lowScoreSeverity(type, score)).toBe(severity));

  it("never grows with the score", () => {
    const rank = { high: 2, medium: 1, none: 0, low: 0, critical: 3 };
    fc.assert(
      fc.property(fc.constantFrom(...SurveyType.options), fc.nat(9), (type, score) => {
        const at = (given: number) => rank[lowScoreSeverity(type, given) ?? "none"];
        expect(at(score + 1)).toBeLessThanOrEqual(at(score));
        expect(at(scaleOf(type).max)).toBe(0);
      }),
    );
  });
});

describe("an alert about a low score", () => {
  it("is about that response alone", () => {
    expect(detectLowScore(response(), "Nordlicht")?.condition).toBe("survey#survey-1");
  });

  it("leaves out what nobody said", () => {
    expect(detectLowScore(response(), "Nordlicht")?.description).toBe(
      "Nordlicht answered an NPS survey with 3 of 10.\nFrom: Ada",
    );
  });

  it("there is none for a good one", () => {
    expect(detectLowScore(response({ score: 7 }), "Nordlicht")).toBeUndefined();
  });
});
