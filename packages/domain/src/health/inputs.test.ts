import { describe, expect, it } from "vitest";
import { customerItem } from "../directory/fixture/items.ts";
import type { ScoredInteraction, ScoredResponse } from "./formula.ts";
import { validateInputs } from "./inputs.ts";

const interaction: ScoredInteraction = {
  interaction_type: "call",
  sentiment: "neutral",
  interaction_date: "2026-06-01T10:00:00.000Z",
};
const response: ScoredResponse = { survey_type: "nps", score: 9, submitted_at: "2026-06-01T10:00:00.000Z" };

/** As something else than our own code may have left it in the table. */
const damaged = <T extends object>(row: T, changes: object): T => Object.assign({ ...row }, changes);

const checked = (changes: object, interactions = [interaction], responses = [response]) =>
  validateInputs(damaged(customerItem("c1", 1), changes), { interactions, responses });

describe("what a score is made of", () => {
  it("may lack dates of a contract, interactions and responses", () => {
    expect(() =>
      checked({ contract_start_date: "2026-01-01", contract_end_date: "2027-01-01" }),
    ).not.toThrow();
    expect(() => checked({}, [], [])).not.toThrow();
  });

  it.each(["contract_start_date", "contract_end_date"])("needs a date for %s", (field) => {
    for (const value of ["soon", "", "2026-13-01", "20260101"])
      expect(() => checked({ [field]: value })).toThrow(`The customer's ${field} is not a date.`);
  });

  it.each([
    ["sentiment", "angry"],
    ["sentiment", undefined],
    ["interaction_type", "carrier pigeon"],
    ["interaction_date", 20260601],
    ["interaction_date", "last week"],
  ])("needs interactions that can be read: %s is %s", (field, value) => {
    const interactions = [interaction, damaged(interaction, { [field]: value })];
    expect(() => checked({}, interactions)).toThrow(
      `A contact with the customer can't be read: its ${field} is not what it should be.`,
    );
  });

  it.each([
    ["score", "9"],
    ["score", undefined],
    ["score", 11],
    ["survey_type", "yearly"],
    ["submitted_at", null],
  ])("needs responses that can be read: %s is %s", (field, value) => {
    expect(() => checked({}, [], [damaged(response, { [field]: value })])).toThrow(
      `A survey answer of the customer can't be read: its ${field} is not what it should be.`,
    );
  });
});
