import { SECTIONS } from "@success-manager/contract/settings";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { customerItem, deploymentItem } from "../../directory/fixture/items.ts";
import { detectLicenseEnds } from "./expiry.ts";

const SETTINGS = SECTIONS.alerts.defaults;
const END = "2026-07-01";
const before = (days: number) => new Date(`${daysAfter(END, -days)}T15:00:00.000Z`);
const deployment = (id: string, changes: Parameters<typeof deploymentItem>[3] = {}) =>
  deploymentItem(id, "c1", 1, { license_expiry: END, ...changes });
const found = (
  now: Date,
  deployments = [deployment("d1")],
  changes: Parameters<typeof customerItem>[2] = {},
  settings = SETTINGS,
) => detectLicenseEnds({ customer: customerItem("c1", 1, changes), deployments }, now, settings);

describe("a license", () => {
  it.each([
    [31, undefined],
    [30, "medium"],
    [15, "medium"],
    [14, "high"],
    [8, "high"],
    [7, "critical"],
    [0, "critical"],
    [-1, "critical"],
    [-400, "critical"],
  ] as const)("that ends in %i days is %s", (days, severity) => {
    expect(found(before(days)).map((one) => one.severity)).toEqual(severity ? [severity] : []);
  });

  it("is named with product, company, date and kind", () => {
    expect(found(before(10))).toEqual([
      {
        customer_id: "c1",
        condition: "license#d1",
        alert_type: "contract_expiry",
        severity: "high",
        title: "MonetX license ends on 1 Jul 2026",
        description: "The MonetX license of Company c1 ends on 1 Jul 2026. License type: Enterprise.",
      },
    ]);
    expect(found(before(-1))[0]).toMatchObject({
      title: "MonetX license ended on 1 Jul 2026",
      description:
        "The MonetX license of Company c1 ended on 1 Jul 2026 and has not been renewed. License type: Enterprise.",
    });
  });

  it("is a condition of its own for each deployment, also of the same product", () => {
    const all = [deployment("d1"), deployment("d2"), deployment("d3", { license_expiry: "2027-01-01" })];
    expect(found(before(3), all).map(({ condition }) => condition)).toEqual(["license#d1", "license#d2"]);
  });

  it("that is not in use, or of who left, is nobody's concern", () => {
    expect(found(before(1), [deployment("d1", { is_active: false })])).toEqual([]);
    expect(found(before(1), undefined, { status: "churned" })).toEqual([]);
  });

  it("whose end is no date is named as wrong", () => {
    const broken = [deployment("d1", { license_expiry: "" })];
    expect(() => found(before(1), broken)).toThrow("license_expiry: must be a date");
  });
});

it.each([
  [46, undefined],
  [45, "medium"],
  [20, "high"],
  [4, "high"],
  [3, "critical"],
])("a license, by what an admin has set, %i days before its end is %s", (days, severity) => {
  const set = { license_expiry_days: 45, license_expiry_high_days: 20, license_expiry_critical_days: 3 };
  const detected = found(before(days), undefined, {}, { ...SETTINGS, ...set });
  expect(detected[0]?.severity).toBe(severity);
});
