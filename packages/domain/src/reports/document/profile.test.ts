import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { customer, portfolioOf, TODAY } from "../../portfolio/fixture/rows.ts";
import { portfolioProfileSection } from "./profile.ts";

const asked = (filters = {}) => ({
  filters,
  period: { date_from: daysAfter(TODAY, -9), date_to: TODAY },
  now: new Date(`${TODAY}T12:00:00Z`),
});

describe("the customer base", () => {
  it("counts who came in the period, its first day included, against the ten days before", () => {
    const rows = [0, 9, 10, 19, 20].map((age, n) => customer(`c${n}`, { age, cents: 1_000 }));
    const [tiles] = portfolioProfileSection(
      portfolioOf([...rows, customer("left", { status: "churned" })]),
      asked(),
    ).blocks;
    expect(tiles).toMatchObject({
      tiles: [
        { label: "Customers", value: "5" },
        { label: "Onboarding", value: "0", note: "0.0%" },
        { label: "Active", value: "5", note: "100.0%" },
        { label: "At risk", value: "0" },
        { label: "Churned", value: "1", note: "have left, not counted" },
        { label: "New in the period", value: "2", note: expect.stringMatching(/^unchanged vs /) },
        { label: "Contract value", value: "$50" },
      ],
    });
  });

  it("shows the largest twelve industries and all others together", () => {
    const rows = Array.from({ length: 30 }, (_, n) =>
      customer(`c${n}`, { industry: `Industry ${n < 14 ? n : 0}` }),
    );
    const [, bars] = portfolioProfileSection(
      portfolioOf([...rows, customer("left", { status: "churned", industry: "Gone" })]),
      asked(),
    ).blocks;
    expect(bars?.kind === "barChart" && bars.bars).toHaveLength(13);
    expect(bars?.kind === "barChart" && bars.bars[0]).toMatchObject({
      label: "Industry 0",
      valueText: "17 (56.7%)",
    });
    expect(bars?.kind === "barChart" && bars.bars.at(-1)).toMatchObject({
      label: "2 other industries",
      valueText: "2 (6.7%)",
    });
  });

  it("of nobody is a sentence", () => {
    expect(portfolioProfileSection(portfolioOf([]), asked()).blocks).toEqual([
      { kind: "text", text: "There are no customers yet." },
    ]);
    expect(portfolioProfileSection(portfolioOf([]), asked({ product: "MonetX" })).blocks).toEqual([
      { kind: "text", text: "No customer meets the filters of this report." },
    ]);
  });
});
