import { describe, expect, it } from "vitest";
import { customer, TODAY } from "../../../../portfolio/fixture/rows.ts";
import { renewalsSection } from "./renewals.ts";

const asked = (days_to_renewal?: number) => ({
  filters: { days_to_renewal },
  period: { date_from: TODAY, date_to: TODAY },
  now: new Date(`${TODAY}T12:00:00Z`),
});

describe("renewals", () => {
  it("are the contracts of the next 60 days, or as many as are asked for", () => {
    const rows = [60, 0, 61, -1].map((ends, n) => customer(`c${n}`, { ends, cents: 100_050, score: 39 }));
    const { blocks } = renewalsSection([...rows, customer("left", { ends: 5, status: "churned" })], asked());
    expect(blocks[0]).toMatchObject({ tiles: [{ value: "2" }, { value: "$2,001" }] });
    expect(blocks[1]).toMatchObject({
      rows: [
        [
          "Company c1",
          "15 Jun 2026",
          "$1,000.50",
          { text: "today", tone: "bad" },
          { text: "39", tone: "bad" },
        ],
        ["Company c0", "14 Aug 2026", "$1,000.50", "60", { text: "39" }],
      ],
      more: 0,
    });
    expect(renewalsSection(rows, asked(61)).blocks[0]).toMatchObject({ tiles: [{ value: "3" }, {}] });
  });

  it("are listed up to forty, and counted all", () => {
    const rows = Array.from({ length: 10_000 }, (_, n) => customer(`c${n}`, { ends: n % 60 }));
    const { blocks } = renewalsSection(rows, asked());
    expect(blocks[0]).toMatchObject({ tiles: [{ value: "10,000" }, { value: "$0" }] });
    expect(blocks[1]?.kind === "table" && [blocks[1].rows.length, blocks[1].more]).toEqual([40, 9_960]);
    expect(blocks[1]?.kind === "table" && blocks[1].rows[0]?.slice(2)).toEqual([
      "Not recorded",
      { text: "today", tone: "bad" },
      { text: "Not scored", tone: "neutral" },
    ]);
  });

  it("may be none", () => {
    expect(renewalsSection([customer("c")], asked(1)).blocks).toEqual([
      { kind: "text", text: "No contract ends within the next day." },
    ]);
  });
});
