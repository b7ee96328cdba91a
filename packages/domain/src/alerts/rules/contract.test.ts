import { SECTIONS } from "@success-manager/contract/settings";
import type { CustomerStatus } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { customerItem } from "../../directory/fixture/items.ts";
import { detectContractEnd } from "./expiry.ts";

const SETTINGS = SECTIONS.alerts.defaults;
const END = "2026-07-01";
const before = (days: number) => new Date(`${daysAfter(END, -days)}T15:00:00.000Z`);
const found = (now: Date, changes: Parameters<typeof customerItem>[2] = {}, settings = SETTINGS) =>
  detectContractEnd(
    { customer: customerItem("c1", 1, { contract_end_date: END, ...changes }) },
    now,
    settings,
  );

describe("a contract", () => {
  it.each([
    [365, undefined],
    [91, undefined],
    [90, "low"],
    [61, "low"],
    [60, "medium"],
    [31, "medium"],
    [30, "high"],
    [8, "high"],
    [7, "critical"],
    [0, "critical"],
    [-1, "critical"],
    [-400, "critical"],
  ] as const)("that ends in %i days is %s", (days, severity) => {
    expect(found(before(days)).map((one) => one.severity)).toEqual(severity ? [severity] : []);
  });

  it("is named with company, date and whom to talk to", () => {
    expect(found(before(20), { contact_name: "Ada Byron", contact_email: "ada@example.com" })).toEqual([
      {
        customer_id: "c1",
        condition: "contract",
        alert_type: "contract_expiry",
        severity: "high",
        title: "Contract ends on 1 Jul 2026",
        description: "The contract of Company c1 ends on 1 Jul 2026. Contact: Ada Byron, ada@example.com.",
      },
    ]);
    expect(found(before(0))[0]?.description).toBe("The contract of Company c1 ends on 1 Jul 2026.");
    expect(found(before(-1))[0]).toMatchObject({
      title: "Contract ended on 1 Jul 2026",
      description: "The contract of Company c1 ended on 1 Jul 2026 and has not been renewed.",
    });
  });

  it("without an end, and of who left, is nobody's concern", () => {
    expect(found(before(1), { contract_end_date: undefined })).toEqual([]);
    expect(found(before(1), { status: "churned" })).toEqual([]);
    for (const status of ["active", "at_risk", "onboarding"] satisfies CustomerStatus[])
      expect(found(before(1), { status })).toHaveLength(1);
  });

  it("whose end is no date is named as wrong", () => {
    expect(() => found(before(1), { contract_end_date: "soon" })).toThrow(
      "contract_end_date: must be a date",
    );
  });

  it("says the same all day, and from day to day changes its severity only, once also its text", () => {
    const days = fc.integer({ min: -200, max: 200 });
    const hours = fc.integer({ min: 0, max: 23 });
    fc.assert(
      fc.property(days, hours, (left, hour) => {
        const morning = new Date(`${daysAfter(END, -left)}T00:00:00.000Z`);
        const [one] = found(morning);
        const [later] = found(new Date(morning.getTime() + hour * 3_600_000));
        expect(later).toEqual(one);
        const [tomorrow] = found(before(left - 1));
        if (one && tomorrow && left !== 0)
          expect([tomorrow.title, tomorrow.description]).toEqual([one.title, one.description]);
      }),
    );
  });
});

describe("a contract, by what an admin has set,", () => {
  const set = {
    contract_expiry_days: 120,
    contract_expiry_medium_days: 50,
    contract_expiry_high_days: 20,
    contract_expiry_critical_days: 3,
  };
  it.each([
    [121, undefined],
    [120, "low"],
    [50, "medium"],
    [20, "high"],
    [3, "critical"],
  ])("%i days before its end is %s", (days, severity) => {
    expect(found(before(days), {}, { ...SETTINGS, ...set })[0]?.severity).toBe(severity);
  });

  it.each([
    [31, undefined],
    [30, "high"],
    [7, "critical"],
  ])("of which alerts open late, is as severe %i days before as ever: %s", (days, severity) => {
    expect(found(before(days), {}, { ...SETTINGS, contract_expiry_days: 30 })[0]?.severity).toBe(severity);
  });
});
