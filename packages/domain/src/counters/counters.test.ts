import { expect, it } from "vitest";
import { directoryAttributes } from "./counters.ts";

const now = new Date("2026-03-10T08:00:00.000Z");

it("counters of all time that lists ask for are rows of the directory", () => {
  expect(directoryAttributes("interaction", "day#all", now)).toEqual({
    __edb_e__: "totals",
    series: "interaction",
    changed_at: "2026-03-10T08:00:00.000Z",
    gsi2pk: "directory",
    gsi2sk: "2026-03-10T08:00:00.000Z#interaction",
  });
});

it.each([
  ["interaction", "day#2026-03-10"],
  ["survey", "month#all"],
  ["score", "day#all"],
  ["customer#c1", "day#all"],
] as const)("counters of %s, %s are none", (series, period) => {
  expect(directoryAttributes(series, period, now)).toEqual({});
});
