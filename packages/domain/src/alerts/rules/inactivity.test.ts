import { SECTIONS } from "@success-manager/contract/settings";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { customerItem } from "../../directory/fixture/items.ts";
import { detectInactivity } from "./inactivity.ts";

const SETTINGS = SECTIONS.alerts.defaults;
const CREATED = "2026-01-01";
const SPOKEN = "2026-03-01";
const on = (date: string, days: number, time = "09:00:00.000Z") =>
  new Date(`${daysAfter(date, days)}T${time}`);
const contact = (changed_at: string, ...dates: string[]) => ({
  customer_id: "c1",
  dates,
  changed_at,
  revision: 1,
});
const spoken = contact(`${SPOKEN}T10:00:00.000Z`, `${SPOKEN}T10:00:00.000Z`);
const found = (
  now: Date,
  known: ReturnType<typeof contact> | undefined = spoken,
  changes: Parameters<typeof customerItem>[2] = {},
  settings = SETTINGS,
) => detectInactivity({ customer: customerItem("c1", 1, changes), contact: known }, now, settings);

describe("a customer with whom nobody spoke", () => {
  it.each([
    [0, undefined],
    [29, undefined],
    [30, "medium"],
    [59, "medium"],
    [60, "high"],
    [400, "high"],
  ] as const)("for %i days is %s", (days, severity) => {
    expect(found(on(SPOKEN, days)).map((one) => one.severity)).toEqual(severity ? [severity] : []);
  });

  it("is named with the day of the last contact", () => {
    expect(found(on(SPOKEN, 40))).toEqual([
      {
        customer_id: "c1",
        condition: "inactivity",
        alert_type: "inactivity",
        severity: "medium",
        title: "No contact since 1 Mar 2026",
        description: "Nobody has been in contact with Company c1 since 1 Mar 2026.",
      },
    ]);
  });

  it("says the same from day to day, and all day", () => {
    const said = (now: Date) => found(now).map(({ title, description }) => [title, description]);
    expect(said(on(SPOKEN, 75))).toEqual(said(on(SPOKEN, 30)));
    expect(found(on(SPOKEN, 30, "00:00:00.000Z"))).toEqual(found(on(SPOKEN, 30, "23:59:59.999Z")));
  });

  it("ever is counted from the day of creation", () => {
    const never = (days: number) =>
      detectInactivity({ customer: customerItem("c1", 1), contact: undefined }, on(CREATED, days), SETTINGS);
    expect(never(29)).toEqual([]);
    expect(never(30)).toMatchObject([
      {
        severity: "medium",
        title: "No contact since 1 Jan 2026",
        description: "Nobody has been in contact with Company c1 since the company was added on 1 Jan 2026.",
      },
    ]);
  });

  it("is not consoled by a contact that lies ahead, until its time has come", () => {
    const planned = `${daysAfter(SPOKEN, 50)}T10:00:00.000Z`;
    const known = contact(`${SPOKEN}T10:00:00.000Z`, planned, `${SPOKEN}T10:00:00.000Z`);
    expect(found(on(SPOKEN, 49), known)).toHaveLength(1);
    expect(found(on(SPOKEN, 51), known)).toEqual([]);
    const onlyAhead = contact(`${SPOKEN}T10:00:00.000Z`, planned);
    expect(found(on(SPOKEN, 49), onlyAhead)[0]?.title).toBe("No contact since 1 Jan 2026");
  });

  it("is none when the check of an earlier moment runs after a newer contact", () => {
    expect(found(on(SPOKEN, -1))).toEqual([]);
    expect(found(on(SPOKEN, 0))).toEqual([]);
  });

  it("and who left is nobody's concern", () => {
    expect(found(on(SPOKEN, 90), spoken, { status: "churned" })).toEqual([]);
    for (const status of ["active", "at_risk", "onboarding"] as const)
      expect(found(on(SPOKEN, 90), spoken, { status })).toHaveLength(1);
  });

  it("on a date that is none is named as wrong", () => {
    const never = () =>
      detectInactivity(
        { customer: customerItem("c1", 1, { created_at: "once" }), contact: undefined },
        on(CREATED, 1),
        SETTINGS,
      );
    expect(never).toThrow("created_at: must be a date");
  });
});

it.each([
  [9, undefined],
  [10, "medium"],
  [19, "medium"],
  [20, "high"],
])("a customer with whom nobody spoke for %i days, by what an admin has set, is %s", (days, severity) => {
  const settings = { ...SETTINGS, inactivity_days: 10, inactivity_high_days: 20 };
  expect(found(on(SPOKEN, days), spoken, {}, settings)[0]?.severity).toBe(severity);
});
