import { describe, expect, it } from "vitest";
import { daysAfter } from "../calendar.ts";
import { customerItem } from "../directory/fixture/items.ts";
import { endsWithin } from "./expiring-soon.ts";

const TODAY = "2026-02-27";

const ends = (days: number, status: "active" | "churned" = "active") => ({
  customer: customerItem("c1", 1, { status, contract_end_date: daysAfter(TODAY, days) }),
});

describe("a contract ends soon", () => {
  it("from today to the last day, both included", () => {
    const days = [-1, 0, 1, 29, 30, 31].filter((day) => endsWithin(30, TODAY)(ends(day)));
    expect(days).toEqual([0, 1, 29, 30]);
  });

  it("not without an end, and not of a customer who left", () => {
    expect(endsWithin(30, TODAY)({ customer: customerItem("c1", 1) })).toBe(false);
    expect(endsWithin(30, TODAY)(ends(1, "churned"))).toBe(false);
  });
});
