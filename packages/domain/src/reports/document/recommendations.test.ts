import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { contactItem } from "../../directory/fixture/items.ts";
import { customer, TODAY } from "../../portfolio/fixture/rows.ts";
import { textsIn } from "./fixture/printed.ts";
import { recommendationsFor, recommendationsSection } from "./recommendations.ts";

const NOW = new Date(`${TODAY}T12:00:00Z`);

describe("recommendations", () => {
  const contactOn = (id: string, days: number) => ({
    contact: contactItem(id, 1, { dates: [`${daysAfter(TODAY, -days)}T08:00:00.000Z`] }),
  });

  it("follow from the figures, each with its number and the first names", () => {
    const rows = [
      { ...customer("c1", { score: 30, ends: 90, age: 5, scored: { support_score: 20 } }) },
      { ...customer("c2", { score: 59, ends: 3, manager: "Ada" }), ...contactOn("c2", 29) },
      { ...customer("c3", { score: 59, ends: 91, manager: "Ada" }), ...contactOn("c3", 30) },
      customer("c4", { score: 60, ends: 1, age: 31, scored: { score_trend: "declining" } }),
      customer("c5", { ends: -1, age: 1 }),
      customer("c6", { score: 90, ends: 0, age: 1 }),
      customer("gone", { score: 1, status: "churned", ends: -400, age: 400 }),
    ];
    expect(recommendationsFor(rows, NOW)).toEqual([
      {
        action: "Secure the renewal of customers at risk whose contract ends within 90 days.",
        customers: ["Company c2 (18 Jun 2026)", "Company c1 (13 Sept 2026)"],
      },
      {
        action: "Name an account manager for customers at risk who have none.",
        customers: ["Company c1 (30)"],
      },
      {
        action: "Get in touch where nobody has been in contact for 30 days or more.",
        customers: ["Company c4 (31 days)", "Company c3 (30 days)"],
      },
      { action: "Find out why scores fall that are not below 60 yet.", customers: ["Company c4 (60)"] },
      {
        action: "Work on support, the weakest component: 60.0 on average, and below 50 here.",
        customers: ["Company c1 (20)"],
      },
      { action: "Clear up contracts that have ended.", customers: ["Company c5 (14 Jun 2026)"] },
      { action: "Calculate a first health score.", customers: ["Company c5"] },
    ]);
  });

  it("are none where nothing stands out", () => {
    expect(textsIn(recommendationsSection([customer("c1", { score: 80, age: 3 })], NOW))).toEqual([
      "Nothing stands out: everybody is scored, spoken with and under contract, and no component of the score is low.",
    ]);
    expect(textsIn(recommendationsSection([], NOW))).toEqual([
      "There are no customers to recommend anything for.",
    ]);
  });
});
