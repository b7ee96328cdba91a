import { describe, expect, it } from "vitest";
import {
  changeText,
  countText,
  dayText,
  instantText,
  moneyText,
  monthText,
  nameInText,
  namesText,
  numberText,
  percentText,
  periodText,
  shortDayText,
  shortPeriodText,
  signedText,
  termText,
} from "./wording.ts";

const days = (date_from: string, date_to: string) => ({ date_from, date_to });

describe("days", () => {
  it("are written as people say them", () => {
    expect(dayText("2026-11-02")).toBe("2 November 2026");
    expect(shortDayText("2026-11-22")).toBe("22 Nov");
    expect(monthText("2026-05")).toBe("May 2026");
    expect(instantText(new Date("2026-11-22T04:05:59.999Z"))).toBe("22 November 2026, 04:05 UTC");
  });

  it.each([
    ["2026-11-01", "2026-11-30", "1–30 November 2026", "Nov"],
    ["2026-07-01", "2026-09-30", "1 July – 30 September 2026", "Jul–Sep"],
    ["2025-01-01", "2025-12-31", "1 January – 31 December 2025", "2025"],
    ["2026-10-15", "2026-11-13", "15 October – 13 November 2026", "15 Oct – 13 Nov"],
    ["2025-12-15", "2026-01-13", "15 December 2025 – 13 January 2026", "15 Dec 2025 – 13 Jan 2026"],
    ["2025-12-01", "2026-01-31", "1 December 2025 – 31 January 2026", "Dec 2025 – Jan 2026"],
    ["2026-11-22", "2026-11-22", "22 November 2026", "22 Nov"],
    ["2026-02-01", "2026-02-27", "1–27 February 2026", "1–27 Feb"],
  ])("from %s to %s are %s, in notes %s", (date_from, date_to, long, short) => {
    expect(periodText(days(date_from, date_to))).toBe(long);
    expect(shortPeriodText(days(date_from, date_to))).toBe(short);
  });
});

describe("figures", () => {
  it("have commas between thousands and a minus that is one", () => {
    expect(numberText(1_234_567)).toBe("1,234,567");
    expect(numberText(-1_234.5, 1)).toBe("−1,234.5");
    expect(numberText(82, 1)).toBe("82.0");
    expect(percentText(12.34)).toBe("12.3%");
    expect([signedText(37), signedText(0), signedText(-12), signedText(0.04, 1)]).toEqual([
      "+37",
      "0",
      "−12",
      "0.0",
    ]);
  });

  it("show cents only where there are any", () => {
    expect(moneyText(123_450_000)).toBe("$1,234,500");
    expect(moneyText(123_450_050)).toBe("$1,234,500.50");
    expect(moneyText(0)).toBe("$0");
  });

  it("count in words", () => {
    expect([countText(1, "customer"), countText(1_200, "customer")]).toEqual([
      "1 customer",
      "1,200 customers",
    ]);
    expect(countText(2, "alert is", "alerts are")).toBe("2 alerts are");
  });
});

it("names are the first few, and how many more", () => {
  expect(namesText([])).toBe("");
  expect(namesText(["A"])).toBe("A");
  expect(namesText(["A", "B", "C"])).toBe("A, B and C");
  expect(namesText(["A", "B", "C", "D"])).toBe("A, B, C and 1 more");
  expect(namesText(["A", "B"], 2_000)).toBe("A, B and 1,998 more");
});

it("names in a sentence keep their direction to themselves", () => {
  expect(nameInText("Société Générale")).toBe("Société Générale");
  expect(nameInText("شركة")).toBe("\u2068شركة\u2069");
  expect(nameInText("ש\u2069\u202eevil")).toBe("\u2068שevil\u2069");
});

it("words of the vocabulary read like words", () => {
  expect(["at_risk", "contract_expiry", "nps", "low_csat"].map(termText)).toEqual([
    "At risk",
    "Contract expiry",
    "NPS",
    "Low CSAT",
  ]);
});

describe("a change", () => {
  const against = "vs Oct";

  it("is good or bad by what more of it means", () => {
    expect(changeText(82.4, 80.3, { against, decimals: 1 })).toEqual({ note: "+2.1 vs Oct", tone: "good" });
    expect(changeText(3, 5, { against })).toEqual({ note: "−2 vs Oct", tone: "bad" });
    expect(changeText(3, 5, { against, better: "less" })).toEqual({ note: "−2 vs Oct", tone: "good" });
    expect(changeText(5, 3, { against, better: "neither", unit: " points" })).toEqual({
      note: "+2 points vs Oct",
      tone: "neutral",
    });
  });

  it("is that of the figures that are shown", () => {
    expect(changeText(2.04, 1.96, { against, decimals: 1 })).toEqual({
      note: "unchanged vs Oct",
      tone: "neutral",
    });
    expect(changeText(0.3, 0.1, { against, decimals: 1 }).note).toBe("+0.2 vs Oct");
  });

  it("from nothing is said in words", () => {
    expect(changeText(4, null, { against, nothing: "no answers before" })).toEqual({
      note: "no answers before",
      tone: "neutral",
    });
  });
});
