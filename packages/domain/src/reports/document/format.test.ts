import "./fixture/english.ts";
import { describe, expect, it, vi } from "vitest";
import {
  formatAmount,
  formatChange,
  formatChoice,
  formatDate,
  formatDay,
  formatInstant,
  formatList,
  formatMonth,
  formatNumber,
  formatPercent,
  formatPeriod,
  formatShortPeriod,
  formatSigned,
  formatTerm,
} from "./format.ts";

const days = (date_from: string, date_to: string) => ({ date_from, date_to });

describe("days", () => {
  it("are written as people say them", () => {
    expect(formatDate("2026-11-02")).toBe("2 Nov 2026");
    expect(formatDate("2026-09-30T23:59:59.999Z")).toBe("30 Sept 2026");
    expect(formatDay("2026-11-22")).toBe("22 Nov");
    expect(formatMonth("2026-05")).toBe("May 2026");
    expect(formatInstant(new Date("2026-11-22T04:05:59.999Z"))).toBe("22 Nov 2026, 04:05 UTC");
  });

  it.each([
    ["2026-11-01", "2026-11-30", "1 – 30 Nov 2026", "Nov"],
    ["2026-07-01", "2026-09-30", "1 Jul – 30 Sept 2026", "Jul – Sept"],
    ["2025-01-01", "2025-12-31", "1 Jan – 31 Dec 2025", "2025"],
    ["2026-10-15", "2026-11-13", "15 Oct – 13 Nov 2026", "15 Oct – 13 Nov"],
    ["2025-12-15", "2026-01-13", "15 Dec 2025 – 13 Jan 2026", "15 Dec 2025 – 13 Jan 2026"],
    ["2025-12-01", "2026-01-31", "1 Dec 2025 – 31 Jan 2026", "Dec 2025 – Jan 2026"],
    ["2026-11-22", "2026-11-22", "22 Nov 2026", "22 Nov"],
    ["2026-02-01", "2026-02-27", "1 – 27 Feb 2026", "1 – 27 Feb"],
  ])("from %s to %s are %s, in notes %s", (date_from, date_to, long, short) => {
    expect(formatPeriod(days(date_from, date_to))).toBe(long);
    expect(formatShortPeriod(days(date_from, date_to))).toBe(short);
  });
});

describe("figures", () => {
  it("have commas between thousands and a minus that is one", () => {
    expect(formatNumber(1_234_567)).toBe("1,234,567");
    expect(formatNumber(-1_234.5, 1)).toBe("−1,234.5");
    expect(formatNumber(82, 1)).toBe("82.0");
    expect(formatPercent(12.34)).toBe("12.3%");
    expect([formatSigned(37), formatSigned(0), formatSigned(-12), formatSigned(0.04, 1)]).toEqual([
      "+37",
      "0",
      "−12",
      "0.0",
    ]);
  });
});

describe("lists", () => {
  it("end with and, or with how many more there are", () => {
    expect(formatList([])).toBe("");
    expect(formatList(["A"])).toBe("A");
    expect(formatList(["A", "B", "C"], 3)).toBe("A, B and C");
    expect(formatList(["A", "B", "C", "D"], 3)).toBe("A, B, C and 1 more");
    expect(
      formatList(
        Array.from({ length: 2_000 }, () => "A"),
        2,
      ),
    ).toBe("A, A and 1,998 more");
  });

  it("of which any may hold end with or", () => {
    expect([formatChoice(["A"]), formatChoice(["A", "B"]), formatChoice(["A", "B", "C"])]).toEqual([
      "A",
      "A or B",
      "A, B or C",
    ]);
  });
});

it("a missing amount is not recorded", () => {
  expect(formatAmount(undefined)).toBe("Not recorded");
});

it("words of the vocabulary read like words", () => {
  expect(["at_risk", "contract_expiry", "nps", "low_csat"].map(formatTerm)).toEqual([
    "At risk",
    "Contract expiry",
    "NPS",
    "Low CSAT",
  ]);
});

describe("a change", () => {
  const against = "vs Oct";

  it("is good or bad by what more of it means", () => {
    expect(formatChange(82.4, 80.3, { against, decimals: 1 })).toEqual({ note: "+2.1 vs Oct", tone: "good" });
    expect(formatChange(3, 5, { against })).toEqual({ note: "−2 vs Oct", tone: "bad" });
    expect(formatChange(3, 5, { against, better: "less" })).toEqual({ note: "−2 vs Oct", tone: "good" });
    expect(formatChange(5, 3, { against, better: "neither", unit: "points" })).toEqual({
      note: "+2 points vs Oct",
      tone: "neutral",
    });
  });

  it("is that of the figures that are shown", () => {
    expect(formatChange(2.04, 1.96, { against, decimals: 1 })).toEqual({
      note: "unchanged vs Oct",
      tone: "neutral",
    });
    expect(formatChange(0.3, 0.1, { against, decimals: 1 }).note).toBe("+0.2 vs Oct");
  });

  it("from nothing is said in words", () => {
    expect(formatChange(4, null, { against, nothing: "no answers before" })).toEqual({
      note: "no answers before",
      tone: "neutral",
    });
  });
});

it.each([
  ["EUR", "€9,500.50", "€1.23M"],
  ["GBP", "£9,500.50", "£1.23M"],
  ["JPY", "¥9,501", "¥1.23M"],
])("amounts are printed in the currency of the stage: %s", async (currency, exact, short) => {
  vi.stubEnv("CURRENCY", currency);
  vi.resetModules();
  await import("./fixture/english.ts");
  const { formatAmount } = await import("./format.ts");
  expect([formatAmount(950_050), formatAmount(123_000_000)]).toEqual([exact, short]);
  vi.unstubAllEnvs();
});
