import { describe, expect, it } from "vitest";
import { customerItem } from "../directory/fixture/items.ts";
import type { Answer, Contact } from "./formula.ts";
import { checkReadable } from "./readable.ts";

const contact: Contact = {
  interaction_type: "call",
  sentiment: "neutral",
  interaction_date: "2026-06-01T10:00:00.000Z",
};
const answer: Answer = { survey_type: "nps", score: 9, submitted_at: "2026-06-01T10:00:00.000Z" };

/** As something else than our own code may have left it in the table. */
const damaged = <T extends object>(row: T, changes: object): T => Object.assign({ ...row }, changes);

const checked = (changes: object, contacts = [contact], answers = [answer]) =>
  checkReadable(damaged(customerItem("c1", 1), changes), contacts, answers);

describe("what a score is made of", () => {
  it("may lack dates of a contract, contacts and answers", () => {
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
  ])("needs contacts that can be read: %s is %s", (field, value) => {
    const contacts = [contact, damaged(contact, { [field]: value })];
    expect(() => checked({}, contacts)).toThrow(
      `A contact with the customer can't be read: its ${field} is not what it should be.`,
    );
  });

  it.each([
    ["score", "9"],
    ["score", undefined],
    ["score", 11],
    ["survey_type", "yearly"],
    ["submitted_at", null],
  ])("needs answers that can be read: %s is %s", (field, value) => {
    expect(() => checked({}, [], [damaged(answer, { [field]: value })])).toThrow(
      `A survey answer of the customer can't be read: its ${field} is not what it should be.`,
    );
  });
});
