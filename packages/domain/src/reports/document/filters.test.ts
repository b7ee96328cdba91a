import "./fixture/english.ts";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import { describe, expect, it } from "vitest";
import { teammateItem } from "../../directory/fixture/items.ts";
import { customer } from "../../portfolio/fixture/rows.ts";
import { filterCustomers, nobodySection, summarizeFilters } from "./filters.ts";

const rows = [
  customer("good", { score: 90, industry: "Food", deployments: "MonetX (GreenX)" }),
  customer("low", { score: 50, status: "at_risk", industry: "Energy", deployments: "GreenX" }),
  customer("new", { status: "onboarding" }),
  customer("gone", { score: 20, status: "churned", industry: "Food" }),
  customer("linked", { user: "u1" }),
];
const directory = { customers: new Map(rows.map((row) => [row.customer.id, row])) };
const chosen = (filters: ReportFilters) =>
  filterCustomers(directory, filters).rows.map((row) => row.customer.id);
const left = (filters: ReportFilters) =>
  filterCustomers(directory, filters).left.map((row) => row.customer.id);

describe("the customers of a report", () => {
  it("are all who have not left", () => {
    expect(chosen({})).toEqual(["good", "low", "new", "linked"]);
    expect(left({})).toEqual(["gone"]);
    expect(left({ industries: ["Food"] })).toEqual(["gone"]);
    expect(left({ industries: ["Energy"] })).toEqual([]);
  });

  it("are those of some statuses, also those who have left", () => {
    expect(chosen({ status: ["churned", "at_risk"] })).toEqual(["low", "gone"]);
    expect(left({ status: ["at_risk"] })).toEqual([]);
  });

  it("are those of industries, of a manager, or with an active deployment of a product", () => {
    expect(chosen({ industries: ["Food", "Energy"] })).toEqual(["good", "low"]);
    expect(chosen({ account_manager_id: "u1" })).toEqual(["linked"]);
    expect(chosen({ product: "GreenX" })).toEqual(["low"]);
  });

  it("are those with scores in bounds, as in lists: without a score there is none to exceed an upper one", () => {
    expect(chosen({ min_score: 50 })).toEqual(["good", "low"]);
    expect(chosen({ min_score: 0 })).toEqual(["good", "low", "new", "linked"]);
    expect(chosen({ max_score: 50 })).toEqual(["low", "new", "linked"]);
    expect(chosen({ min_score: 51, max_score: 89 })).toEqual([]);
  });

  it("is the one who is asked for, also one who has left; one who is not there is not found", () => {
    expect(chosen({ customer_id: "gone" })).toEqual(["gone"]);
    expect(() => chosen({ customer_id: "nobody" })).toThrow("Customer not found");
  });
});

it("a report about nobody says only that, and who has left", () => {
  const said = (filters: ReportFilters, all = directory) =>
    nobodySection(filterCustomers(all, filters), filters)?.blocks.map((block) =>
      block.kind === "text" ? block.text : block.kind,
    );
  expect(said({ industries: ["Health"] })).toEqual(["No customer meets the filters of this report."]);
  expect(said({ industries: ["Food"], max_score: 30 })).toEqual([
    "No customer meets the filters of this report.",
    "1 customer who has left is not counted.",
  ]);
  expect(said({ industries: ["Food"] })).toBeUndefined();
  expect(said({}, { customers: new Map() })).toBeUndefined();
});

const named = {
  customers: new Map([["c1", customer("c1", { company_name: "Nordlicht" })]]),
  team: new Map([["u1", teammateItem("u1", 1, { full_name: "Ada Lovelace" })]]),
};

describe("what narrows a report down", () => {
  it("is nothing without filters, and for what is no narrowing", () => {
    expect(summarizeFilters({}, named)).toEqual([]);
    expect(
      summarizeFilters({ paper: "letter", sections: ["overview"], include_financials: true }, named),
    ).toEqual([]);
  });

  it("is said in words, with the names of customers and people", () => {
    const facts = summarizeFilters(
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
      named,
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
    const [manager, scores] = summarizeFilters({ account_manager_id: "gone", max_score: 0 }, named);
    expect(manager?.value).toBe("Somebody who is not in the team");
    expect(scores?.value).toBe("0 or less");
    expect(summarizeFilters({ min_score: 60 }, named)[0]?.value).toBe("60 or more");
  });

  it("is no customer who is not there", () => {
    expect(() => summarizeFilters({ customer_id: "c2" }, named)).toThrow("Customer not found");
  });
});
