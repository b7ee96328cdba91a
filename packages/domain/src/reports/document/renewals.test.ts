import "./fixture/english.ts";
import type { ReportFilters } from "@success-manager/contract/report-filters";
import { describe, expect, it } from "vitest";
import { customer, TODAY } from "../../portfolio/fixture/rows.ts";
import { barsIn, leftOutOf, rowsIn, textsIn, tilesIn } from "./fixture/printed.ts";
import { contractEndTile, renewalsSection } from "./renewals.ts";

const request = (filters: ReportFilters = {}) => ({
  filters,
  period: { date_from: TODAY, date_to: TODAY },
  now: new Date(`${TODAY}T12:00:00Z`),
});
const totals = { summary: "totals", limit: 40 } as const;
const byMonth = { summary: "byMonth", limit: 15 } as const;

const ROWS = [
  customer("c1", { score: 80, cents: 100_000_00, ends: 10 }),
  customer("c2", { score: 40, cents: 50_000_50, status: "at_risk", ends: 61, manager: "Ada" }),
  customer("c3", { score: 59, ends: 30 }),
  customer("gone", { score: 21, cents: 1, status: "churned", ends: 5 }),
];

describe("renewals", () => {
  it("are the contracts of the next 60 days, or as many as are asked for", () => {
    const rows = [60, 0, 61, -1].map((ends, n) => customer(`c${n}`, { ends, cents: 100_050, score: 39 }));
    const { blocks } = renewalsSection(
      [...rows, customer("left", { ends: 5, status: "churned" })],
      request(),
      totals,
    );
    expect(blocks[0]).toMatchObject({ tiles: [{ value: "2" }, { value: "$2,001" }] });
    expect(blocks[1]).toMatchObject({
      rows: [
        [
          "Company c1",
          "15\u00a0Jun\u00a0’26",
          "$1,000.50",
          { text: "today", tone: "bad" },
          { text: "39", tone: "bad" },
          "Nobody yet",
        ],
        ["Company c0", "14\u00a0Aug\u00a0’26", "$1,000.50", "60", { text: "39" }, "Nobody yet"],
      ],
      more: 0,
    });
    expect(renewalsSection(rows, request({ days_to_renewal: 61 }), totals).blocks[0]).toMatchObject({
      tiles: [{ value: "3" }, {}],
    });
  });

  it("are of customers who have not left, soonest first, with what ends in each month", () => {
    const section = renewalsSection(ROWS, request({ days_to_renewal: 61 }), byMonth);
    expect(section.heading).toBe("Renewals in the next 61 days");
    expect(section.about).toBe("3 contracts, worth $150K, end by 15 Aug 2026; the soonest first.");
    expect(barsIn(section)).toEqual(["Jun 2026: $100K (1)", "Jul 2026: $0 (1)", "Aug 2026: $50K (1)"]);
    expect(rowsIn(section)).toEqual([
      "Company c1 | 25 Jun ’26 | $100K | 10 | 80 | Nobody yet",
      "Company c3 | 15 Jul ’26 | Not recorded | 30 | 59 | Nobody yet",
      "Company c2 | 15 Aug ’26 | $50K | 61 | 40 | Ada",
    ]);
  });

  it("show no values where these are left out", () => {
    const section = renewalsSection(ROWS, request({ include_financials: false }), byMonth);
    expect(barsIn(section)).toEqual(["Jun 2026: 1", "Jul 2026: 1", "Aug 2026: 0"]);
    expect(rowsIn(section)).toEqual([
      "Company c1 | 25 Jun ’26 | 10 | 80 | Nobody yet",
      "Company c3 | 15 Jul ’26 | 30 | 59 | Nobody yet",
    ]);
    expect(section.about).toBe("2 contracts end by 14 Aug 2026; the soonest first.");
  });

  it("are listed up to a limit, and counted all", () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => customer(`c${n}`, { ends: n % 60 }));
    const section = renewalsSection(rows, request(), totals);
    expect(tilesIn(section)).toEqual([
      "Contracts that end: 10,000 (within the next 60 days)",
      "Their value: $0",
    ]);
    expect([rowsIn(section).length, leftOutOf(section)]).toEqual([40, 9_960]);
    expect(rowsIn(section)[0]?.split(" | ").slice(2)).toEqual([
      "Not recorded",
      "today",
      "Not scored",
      "Nobody yet",
    ]);
  });

  it("that there are none of are a sentence", () => {
    expect(textsIn(renewalsSection([], request(), byMonth))).toEqual([
      "No contract ends within the next 60 days.",
    ]);
    expect(textsIn(renewalsSection([customer("c")], request({ days_to_renewal: 1 }), totals))).toEqual([
      "No contract ends within the next day.",
    ]);
  });
});

describe("the end of a contract", () => {
  const tile = (contract_end_date?: string, status: "active" | "churned" = "active") =>
    contractEndTile({ contract_end_date, status }, TODAY);

  it("is ahead, today or past, in the color of its urgency", () => {
    expect(tile("2026-06-14")).toMatchObject({
      label: "Contract ended",
      value: "1 day ago",
      note: "14 Jun 2026",
      tone: "bad",
    });
    expect(tile("2026-06-15")).toMatchObject({ value: "Today", tone: "bad" });
    expect(tile("2026-07-15")).toMatchObject({ label: "Contract ends in", value: "30 days", tone: "fair" });
    expect(tile("2026-12-31").tone).toBeUndefined();
  });

  it("has no color once the customer has left, and may not be recorded", () => {
    expect(tile("2026-06-14", "churned").tone).toBeUndefined();
    expect(tile()).toEqual({ label: "Contract end", value: "Not recorded" });
  });
});
