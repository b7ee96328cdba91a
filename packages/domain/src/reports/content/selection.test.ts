import type { ReportFilters } from "@success-manager/contract/report-filters";
import { describe, expect, it } from "vitest";
import { customer } from "../../portfolio/fixture/rows.ts";
import { selectedFrom } from "./selection.ts";

const linked = customer("linked");
const rows = [
  customer("good", { score: 90, industry: "Food", deployments: "MonetX (GreenX)" }),
  customer("low", { score: 50, status: "at_risk", industry: "Energy", deployments: "GreenX" }),
  customer("new", { status: "onboarding" }),
  customer("gone", { score: 20, status: "churned", industry: "Food" }),
  { ...linked, customer: { ...linked.customer, account_manager_id: "u1" } },
];
const directory = { customers: new Map(rows.map((row) => [row.customer.id, row])) };
const chosen = (filters: ReportFilters) => selectedFrom(directory, filters).map((row) => row.customer.id);

describe("the customers of a report", () => {
  it("are all who have not left", () => {
    expect(chosen({})).toEqual(["good", "low", "new", "linked"]);
  });

  it("are those of some statuses, also those who have left", () => {
    expect(chosen({ status: ["churned", "at_risk"] })).toEqual(["low", "gone"]);
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
