import "./fixture/english.ts";
import { describe, expect, it } from "vitest";
import { daysAfter } from "../../calendar.ts";
import { contactItem } from "../../directory/fixture/items.ts";
import { customer, TODAY } from "../../portfolio/fixture/rows.ts";
import { adviceOn, recommendationsFor, stepsAt } from "./recommendations.ts";

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
      {
        action: "Find out why scores fall that are not below 60 yet.",
        customers: ["Company c4 (60)"],
      },
      {
        action: "Work on support, the weakest component: 60.0 on average, and below 50 here.",
        customers: ["Company c1 (20)"],
      },
      {
        action: "Clear up contracts that have ended.",
        customers: ["Company c5 (14 Jun 2026)"],
      },
      { action: "Calculate a first health score.", customers: ["Company c5"] },
    ]);
  });

  it("stand beside what they are about, each with how many it concerns; none where nothing stands out", () => {
    const rows = [
      customer("c1", { score: 59, age: 31, manager: "Ada" }),
      customer("c2", { score: 59, age: 40, manager: "Ada" }),
    ];
    expect(adviceOn(["contact"], rows, NOW)).toEqual([
      {
        kind: "advice",
        items: [
          {
            action: "Get in touch where nobody has been in contact for 30 days or more.",
            who: "2 customers: Company c2 (40 days) and Company c1 (31 days).",
          },
        ],
      },
    ]);
    expect(adviceOn(["renewals", "trends"], rows, NOW)).toEqual([]);
    const well = [customer("c1", { score: 80, age: 3 })];
    expect(adviceOn(["health", "at_risk", "trends", "contact", "renewals"], well, NOW)).toEqual([]);
  });
});

describe("next steps", () => {
  const steps = (given: Parameters<typeof customer>[1]) =>
    stepsAt(NOW)(customer("c1", { manager: "Ada", age: 3, ...given })).map(({ rank, action, by }) => [
      rank,
      action,
      by,
    ]);
  const soon = daysAfter(TODAY, 7);

  it.each<[string, Parameters<typeof customer>[1], unknown[]]>([
    ["well", { score: 80, ends: 200 }, []],
    ["gone", { score: 10, status: "churned", ends: 3 }, []],
    [
      "at risk with an end ahead",
      { score: 40, ends: 90, scored: { support_score: 5 } },
      [[0, "Secure the renewal: settle what is open in support (support 5)", daysAfter(TODAY, 90)]],
    ],
    [
      "at risk with a far end",
      { score: 40, ends: 91 },
      [[2, "Call, and agree on what has to improve", soon]],
    ],
    [
      "at risk without an end",
      { score: 40, scored: { adoption_score: 49 } },
      [[2, "Plan a training (adoption 49)", soon]],
    ],
    [
      "at risk by status, without a score and a manager",
      { status: "at_risk", manager: "" },
      [
        [2, "Call, and agree on what has to improve", soon],
        [2, "Name an account manager", soon],
      ],
    ],
    ["past the contract", { score: 90, ends: -1 }, [[1, "Settle the contract that has ended", soon]]],
    ["well, with an end soon", { score: 90, ends: 30 }, [[3, "Confirm the renewal", daysAfter(TODAY, 30)]]],
    ["today", { score: 90, ends: 0 }, [[3, "Confirm the renewal", TODAY]]],
    [
      "falling",
      { score: 60, scored: { score_trend: "declining" } },
      [[4, "Find out why the score falls", soon]],
    ],
    ["silent", { score: 80, age: 30 }, [[5, "Get in touch: silence for 30 days", soon]]],
  ])("of a customer who is %s", (_, given, expected) => {
    expect(steps(given)).toEqual(expected);
  });
});
