import { CustomerStatus } from "@success-manager/contract/vocabulary";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../calendar.ts";
import { createDirectory } from "../directory/directory.ts";
import { customerItem, scoreItem } from "../directory/fixture/items.ts";
import { table } from "../directory/fixture/table.ts";
import { contractEndsWithin, isAtRisk, portfolioFigure } from "./population.ts";

async function directoryOfOne() {
  const stored = table();
  stored.write(customerItem("c1", 1));
  const copy = createDirectory(stored.feed);
  await copy.refresh();
  /** Each time that it is computed, another object. */
  const count = (key = "count", source?: object) =>
    portfolioFigure(copy, key, ({ rows }) => ({ customers: rows.length }), source);
  return { copy, stored, count };
}

describe("a figure of the portfolio", () => {
  it("is computed once, and anew when a row has changed", async () => {
    const { copy, stored, count } = await directoryOfOne();
    const first = count();
    expect(first).toEqual({ customers: 1 });
    expect(count()).toBe(first);
    stored.write(customerItem("c2", 1, { changed_at: new Date().toISOString() }));
    await copy.refresh();
    expect(count()).toEqual({ customers: 2 });
  });

  it("is another one under another key", async () => {
    const { count } = await directoryOfOne();
    expect(count("today")).not.toBe(count("tomorrow"));
  });

  it("is computed anew when its source is another object", async () => {
    const { count } = await directoryOfOne();
    const [alerts, others] = [new Map(), new Map()];
    const first = count("alerts", alerts);
    expect(count("alerts", alerts)).toBe(first);
    const second = count("alerts", others);
    expect(second).not.toBe(first);
    expect(count("alerts", others)).toBe(second);
  });
});

const isSo = (status: CustomerStatus, overall_score?: number) =>
  isAtRisk({
    customer: customerItem("c1", 1, { status }),
    score: overall_score === undefined ? undefined : scoreItem("c1", 1, { overall_score }),
  });

describe("a customer is at risk", () => {
  it("by status, whatever the newest score says", () => {
    expect(isSo("at_risk")).toBe(true);
    expect(isSo("at_risk", 90)).toBe(true);
    expect(isSo("active")).toBe(false);
  });

  it("by the newest score when it is below 60", () => {
    const scores = [0, 39, 40, 59, 60, 100];
    for (const status of ["active", "onboarding"] as const)
      expect(scores.filter((score) => isSo(status, score))).toEqual([0, 39, 40, 59]);
  });

  it("never when they have left", () => {
    expect(CustomerStatus.options.filter((status) => isSo(status, 0))).not.toContain("churned");
  });
});

const TODAY = "2026-02-27";

const ends = (days: number, status: "active" | "churned" = "active") => ({
  customer: customerItem("c1", 1, { status, contract_end_date: daysAfter(TODAY, days) }),
});

describe("a contract ends soon", () => {
  it("from today to the last day, both included", () => {
    const days = [-1, 0, 1, 29, 30, 31].filter((day) => contractEndsWithin(30, TODAY)(ends(day)));
    expect(days).toEqual([0, 1, 29, 30]);
  });

  it("not without an end, and not of a customer who left", () => {
    expect(contractEndsWithin(30, TODAY)({ customer: customerItem("c1", 1) })).toBe(false);
    expect(contractEndsWithin(30, TODAY)(ends(1, "churned"))).toBe(false);
  });
});
