import { describe, expect, it } from "vitest";
import { byProductSection } from "./by-product.ts";
import { answered, counted } from "./fixture/answers.ts";

const period = { date_from: "2026-06-01", date_to: "2026-06-30" };

describe("satisfaction by product", () => {
  it("keeps the scales apart, and says how each has changed", () => {
    const { blocks } = byProductSection(
      answered({
        now: counted({ 4: 10 }, { 10: 5 }),
        byProduct: new Map([
          ["MonetX", { now: counted({ 4: 2, 5: 1 }, { 0: 1, 9: 1, 10: 1 }), before: counted({ 5: 1 }) }],
          ["SupportX", { now: counted({ 2: 1 }), before: [] }],
          ["GreenX", { now: [], before: counted({ 3: 1 }) }],
        ]),
      }),
      period,
    );
    expect(blocks).toMatchObject([
      {
        kind: "barChart",
        title: "Average CSAT, with changes vs May",
        max: 5,
        bars: [
          { label: "MonetX, 3 answers", value: 4.33, valueText: "4.33 (−0.67)", tone: "good" },
          { label: "SupportX, 1 answer", value: 2, valueText: "2.00", tone: "bad" },
        ],
      },
      { kind: "table", rows: [["MonetX", "+33", "none before", "3"]] },
      { kind: "text", text: "8 more answers are about no product." },
    ]);
  });

  it("says so when nobody answered about a product", () => {
    expect(byProductSection(answered(), period).blocks).toEqual([
      { kind: "text", text: "No answer of this period is about a product." },
    ]);
  });
});
