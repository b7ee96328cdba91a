import { describe, expect, it } from "vitest";
import { teammateItem } from "../../directory/fixture/items.ts";
import { customer } from "../../portfolio/fixture/rows.ts";
import { factsOf } from "./filter-facts.ts";

const directory = {
  customers: new Map([["c1", customer("c1", { company_name: "Nordlicht" })]]),
  team: new Map([["u1", teammateItem("u1", 1, { full_name: "Ada Lovelace" })]]),
};

describe("what narrows a report down", () => {
  it("is nothing without filters, and for what is no narrowing", () => {
    expect(factsOf({}, directory)).toEqual([]);
    expect(factsOf({ paper: "letter", sections: ["overview"], include_financials: true }, directory)).toEqual(
      [],
    );
  });

  it("is said in words, with the names of customers and people", () => {
    const facts = factsOf(
      {
        customer_id: "c1",
        status: ["active", "at_risk"],
        industries: ["Energy", "Food", "Health"],
        account_manager_id: "u1",
        product: "MonetX",
        min_score: 0,
        max_score: 59,
        survey_types: ["nps", "post_ticket"],
        days_to_renewal: 1,
        include_financials: false,
      },
      directory,
    );
    expect(facts.map(({ label, value }) => `${label}: ${value}`)).toEqual([
      "Customer: Nordlicht",
      "Status: Active or At risk",
      "Industries: Energy, Food or Health",
      "Account manager: Ada Lovelace",
      "Product: MonetX",
      "Health score: 0 to 59",
      "Surveys: NPS or Post ticket",
      "Renewals: Next 1 day",
      "Contract values: Left out",
    ]);
  });

  it("names one end of scores alone, and somebody who is not in the team", () => {
    const [manager, scores] = factsOf({ account_manager_id: "gone", max_score: 0 }, directory);
    expect(manager?.value).toBe("Somebody who is not in the team");
    expect(scores?.value).toBe("0 or less");
    expect(factsOf({ min_score: 60 }, directory)[0]?.value).toBe("60 or more");
  });

  it("is no customer who is not there", () => {
    expect(() => factsOf({ customer_id: "c2" }, directory)).toThrow("Customer not found");
  });
});
