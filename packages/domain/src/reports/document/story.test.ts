import "./fixture/english.ts";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { daysAfter, daysBetween } from "../../calendar.ts";
import type { CustomerRow } from "../../directory/index.ts";
import { centsOf, customer, portfolioOf, portfolios, staying, TODAY } from "../../portfolio/fixture/rows.ts";
import { portfolioStats } from "../../portfolio/index.ts";
import { type Baseline, readBaseline } from "./baseline.ts";
import { rowsIn } from "./fixture/printed.ts";
import { counts, csatData, response } from "./fixture/responses.ts";
import { went } from "./fixture/scored.ts";
import { formatAmount, formatPercent } from "./format.ts";
import { csatStory, customerStory, portfolioStory, storySection } from "./story.ts";

const request = {
  filters: {},
  period: { date_from: daysAfter(TODAY, -29), date_to: TODAY },
  now: new Date(`${TODAY}T12:00:00Z`),
};

interface Given {
  readonly baseline?: Baseline;
  readonly amounts?: boolean;
  readonly reasons?: ReadonlyMap<string, string>;
}

async function tell(all: readonly CustomerRow[], given: Given = {}) {
  const portfolio = portfolioOf(all);
  const baseline = given.baseline ?? (await readBaseline(request, portfolio.rows));
  const { amounts = true, reasons } = given;
  return portfolioStory({ portfolio, baseline, request, amounts, renewalDays: 60, reasons });
}

const sentences = async (rows: readonly CustomerRow[], given?: Given) => (await tell(rows, given)).sentences;

describe("the story of many customers", () => {
  it("when health falls: who fell, by how much and why, and what their contracts are worth", async () => {
    const rows = [
      { ...went("a", 70, 40, 40, { support_score: 10, engagement_score: 20, adoption_score: 30 }) },
      went("b", 80, 40, 78),
      went("c", 80, 40, 81),
      customer("d", { score: 80 }),
    ].map((row, n) => ({
      ...row,
      customer: {
        ...row.customer,
        contract_value: 1_000_000_00 * (n + 1),
        contract_end_date: daysAfter(TODAY, 30),
      },
    }));
    const reasons = new Map([["a", "−26 two escalations, −4 a meeting is older than 90 days"]]);
    expect(await sentences(rows, { reasons })).toEqual([
      "Average health fell 7.7 points to 69.8 since 16 May; 1 of 4 customers is at risk, 1 more below 60 than on 16 May.",
      "2 scores fell and 1 rose: Company a (−30: −26 two escalations, −4 a meeting is older than 90 days) and Company b (−2 points); the weakest component is support, on average at 55.0.",
      "$1M of $10M contract value (10.0%) is at risk, with 1 customer; $1M of it is up for renewal within 60 days.",
    ]);
  });

  it("when health rises: who rose", async () => {
    const rows = [went("a", 40, 40, 90), went("b", 80, 40, 82), went("c", 80, 40, 83), went("d", 80, 40, 79)];
    expect(await sentences(rows)).toEqual([
      "Average health rose 13.5 points to 83.5 since 16 May; none of 4 customers is at risk, 1 fewer below 60 than on 16 May.",
      "3 scores rose and 1 fell, most of all Company a (+50 points) and Company c (+3 points); the weakest component is adoption, on average at 70.0.",
      "No contract value is at risk; no contract ends within 60 days.",
    ]);
  });

  it("when nothing changed", async () => {
    const rows = [went("a", 80, 40, 80), went("b", 70, 40, 70)];
    expect(await sentences(rows)).toEqual([
      "Average health is unchanged at 75.0 since 16 May; none of 2 customers is at risk.",
      "No score moved; the weakest component is adoption, on average at 70.0.",
      "No contract value is at risk; no contract ends within 60 days.",
    ]);
  });

  it("when most scores are younger than the period, there are no data before, instead of a rise by all of them", async () => {
    const rows = Array.from({ length: 10 }, (_, n) => went(`c${n}`, 50, n === 0 ? 40 : 5, 55));
    const [changed] = await sentences(rows);
    expect(changed).toBe(
      "Average health is 55.0; there are no data before 10 Jun 2026; 10 of 10 customers are at risk.",
    );
    expect((await readBaseline(request, rows)).kind).toBe("young");
    // Four of five are enough.
    expect((await readBaseline(request, [...rows.slice(0, 1), went("x", 50, 40, 55)])).kind).toBe("snapshot");
  });

  it.each<[string, readonly CustomerRow[], readonly string[]]>([
    [
      "of one customer",
      [customer("a", { score: 50, cents: 90_000_00, ends: 3 })],
      [
        "Average health is unchanged at 50.0 since 16 May; the only customer is at risk.",
        "No score moved; the weakest component is adoption, at 70.",
        "$90K of $90K contract value (100.0%) is at risk, with 1 customer; $90K of it is up for renewal within 60 days.",
      ],
    ],
    [
      "of no customers",
      [],
      ["There are no customers yet.", "Figures begin with the first customer.", "Nothing is at stake yet."],
    ],
    [
      "of customers without scores",
      [customer("a", { status: "at_risk" }), customer("b", { ends: 10, cents: 500_00 })],
      [
        "1 of 2 customers is at risk; no health score has been calculated yet.",
        "Scores come with the next daily run, or when somebody calculates them.",
        "1 customer is at risk, of whom no contract value is recorded; none of their contracts end within 60 days.",
      ],
    ],
    [
      "without amounts",
      [customer("a", { score: 80 }), customer("b", { score: 90, ends: 60 })],
      [
        "Average health is unchanged at 85.0 since 16 May; none of 2 customers is at risk.",
        "No score moved; the weakest component is adoption, on average at 70.0.",
        "No contract value is at risk; 1 contract ends within 60 days.",
      ],
    ],
    [
      "when everybody has left",
      [
        customer("a", { status: "churned", cents: 20_000_00, score: 3 }),
        customer("b", { status: "churned" }),
      ],
      [
        "All 2 customers have left: there is nobody to report on.",
        "Why they left is told with each of them, where somebody recorded it; their history stays readable.",
        "Their contracts were worth $20K (1 of them without a recorded value).",
      ],
    ],
    [
      "when the only customer has left",
      [customer("a", { status: "churned" })],
      [
        "The only customer has left: there is nobody to report on.",
        "Why they left is told with each of them, where somebody recorded it; their history stays readable.",
        "No contract runs any more.",
      ],
    ],
  ])("%s", async (_, rows, expected) => {
    expect(await sentences(rows)).toEqual(expected);
  });

  it.each<[Baseline, string]>([
    [{ kind: "unknown" }, "Average health is 80.0; earlier scores are not known for these filters; "],
    [{ kind: "ahead" }, "Average health is 80.0; the period has not begun yet; "],
    [
      { kind: "means", current: 75, previous: null },
      "Average health is 80.0; there are no data before 17 May 2026; ",
    ],
    [
      { kind: "means", current: 75, previous: 77.5 },
      "Average health is 80.0; the mean score of the period is 75.0, 2.5 lower than in the period before; ",
    ],
    [
      { kind: "means", current: 75, previous: 75 },
      "Average health is 80.0; the mean score of the period is 75.0, as high as in the period before; ",
    ],
  ])("compares with what is known: %j", async (baseline, expected) => {
    const [changed] = await sentences([customer("a", { score: 80 }), customer("b", { score: 80 })], {
      baseline,
    });
    expect(changed).toBe(`${expected}none of 2 customers is at risk.`);
  });

  it("names no amounts where these are left out", async () => {
    const rows = [
      customer("a", { score: 30, cents: 900_00, ends: 9 }),
      customer("b", { score: 90, cents: 100, ends: 9 }),
    ];
    const story = await tell(rows, { amounts: false });
    expect(story.sentences[2]).toBe("1 customer is at risk; 1 of their contracts ends within 60 days.");
    expect(JSON.stringify([story.sentences, storySection(story, { amounts: false })])).not.toContain("$");
  });

  it("keeps the direction of names to themselves", async () => {
    const [, why] = await sentences([
      { ...went("a", 80, 40, 70), customer: { ...customer("a").customer, company_name: "شركة 7" } },
    ]);
    expect(why).toContain("\u2068شركة 7\u2069 (−10 points)");
  });

  it("says in money what the API says, for any portfolio", async () => {
    await fc.assert(
      fc.asyncProperty(portfolios, async (all) => {
        const rows = staying(all);
        const atRisk = rows.filter(
          ({ customer: { status }, score }) => status === "at_risk" || (score?.overall_score ?? 100) < 60,
        );
        const [, , stake] = await sentences(all);
        const { total_contract_value } = portfolioStats(portfolioOf(all), TODAY);
        const endangered = centsOf(atRisk);
        if (endangered === 0) {
          expect(stake).not.toMatch(/^\$/);
          return;
        }
        const due = atRisk.filter(({ customer: { contract_end_date: end } }) => {
          const days = end === undefined ? -1 : daysBetween(TODAY, end);
          return days >= 0 && days <= 60;
        });
        const whole = formatAmount(Math.round(total_contract_value * 100));
        const share = formatPercent(Math.round((1000 * endangered) / centsOf(rows)) / 10);
        expect(
          stake.startsWith(
            `${formatAmount(endangered)} of ${whole} contract value (${share}) is at risk, with ${atRisk.length} customer`,
          ),
        ).toBe(true);
        expect(stake).toContain(due.length === 0 ? "; none of it" : `; ${formatAmount(centsOf(due))} of it`);
      }),
    );
  });
});

describe("what is to be decided now", () => {
  const rows = [
    customer("well", { score: 90, cents: 9_000_000_00, manager: "Ada", age: 3 }),
    customer("soon", { score: 90, cents: 400_000_00, ends: 20, manager: "Ada" }),
    customer("small", { score: 30, cents: 100_000_00, ends: 50, manager: "Ada" }),
    customer("large", { score: 55, cents: 2_000_000_00, ends: 80, manager: "Ada" }),
    customer("ended", { score: 90, cents: 5_000_000_00, ends: -9, manager: "Ada" }),
    customer("risk", { score: 20, cents: 8_000_000_00, manager: "Ada" }),
    customer("silent", { score: 95, cents: 9_000_000_00, manager: "Ada", age: 300 }),
    customer("falling", { score: 70, cents: 1_00, manager: "Ada", scored: { score_trend: "declining" } }),
  ];

  it("is up to five lines: renewals at risk first, then the most valuable contract", async () => {
    const story = await tell(rows);
    expect(rowsIn(storySection(story, { amounts: true }))).toEqual([
      "Company large | $2M | 55 | 3 Sept ’26 | Secure the renewal",
      "Company small | $100K | 30 | 4 Aug ’26 | Secure the renewal",
      "Company ended | $5M | 90 | 22 Jun ’26 | Settle the contract that has ended",
      "Company risk | $8M | 20 | 22 Jun ’26 | Call, and agree on what has to improve",
      "Company soon | $400K | 90 | 5 Jul ’26 | Confirm the renewal",
    ]);
  });

  it("has the movement of the score over 30 days, and no amounts where these are left out", async () => {
    const story = await tell([went("a", 70, 40, 40), went("b", 40, 40, 40)], { amounts: false });
    expect(
      rowsIn(storySection(story, { amounts: false })).map((row) => row.split(" | ").slice(0, 2)),
    ).toEqual([
      ["Company a", "40 (−30)"],
      ["Company b", "40 (±0)"],
    ]);
  });

  it("may be nothing", async () => {
    const { blocks } = storySection(await tell([customer("a", { score: 90, manager: "Ada" })]), {
      amounts: true,
    });
    expect(blocks.at(-1)).toEqual({ kind: "text", text: "Nothing is to be decided now." });
  });
});

describe("the story of one customer", () => {
  const baseline: Baseline = {
    kind: "snapshot",
    day: "2026-05-16",
    snapshot: { scored: 1, average: 51, at_risk: 1 },
  };
  const reasons = "−6 two escalations, +1 an NPS of 9";

  it("says how the score moved and why, what is low, and what ends when", () => {
    const row = customer("a", {
      score: 46,
      cents: 900_000_00,
      ends: 58,
      scored: { engagement_score: 20, support_score: 44 },
    });
    expect(customerStory({ row, baseline, request, reasons, open_alerts: 4 }).sentences).toEqual([
      "At risk (40–59): the health score fell 5 points to 46 since 16 May.",
      "The reasons: −6 two escalations, +1 an NPS of 9. Below 50: engagement 20, support 44.",
      "The contract, worth $900K, ends on 12 Aug 2026, in 58 days; 4 alerts are open.",
    ]);
  });

  it.each<[string, Parameters<typeof customer>[1], string]>([
    ["an end today", { ends: 0, cents: 100 }, "The contract, worth $1, ends today; no alert is open."],
    [
      "an end that has passed",
      { ends: -1 },
      "The contract, whose value is not recorded, ended on 14 Jun 2026, 1 day ago; no alert is open.",
    ],
    ["no end", { cents: 5_000_000_00 }, "The contract, worth $5M, has no recorded end; no alert is open."],
    [
      "an end of all",
      { status: "churned", cents: 100 },
      "The contract, worth $1, is over: the customer has left.",
    ],
  ])("with %s", (_, given, expected) => {
    const story = customerStory({ row: customer("a", given), baseline, request, open_alerts: 0 });
    expect(story.sentences).toEqual([
      "No health score has been calculated yet.",
      "Scores come with the next daily run, or when somebody calculates one.",
      expected,
    ]);
  });

  it.each([
    [undefined, "The contract, worth $1, is over: the customer has left."],
    [
      { on: "2026-06-01", reason: "Price: Budget cut" },
      "The contract, worth $1, is over: the customer left on 1 Jun 2026 (Price: Budget cut).",
    ],
    [
      { on: "2026-06-01", reason: "" },
      "The contract, worth $1, is over: the customer left on 1 Jun 2026; nobody recorded why.",
    ],
  ])("says when and why a customer has left, as far as that is recorded", (departure, said) => {
    const row = customer("a", { status: "churned", cents: 100 });
    expect(customerStory({ row, baseline, request, departure }).sentences[2]).toBe(said);
  });

  it("says that nothing moved, and nothing is low", () => {
    const row = customer("a", { score: 90 });
    const still = { ...baseline, snapshot: { scored: 1, average: 90, at_risk: 0 } };
    expect(customerStory({ row, baseline: still, request, reasons: "" }).sentences.slice(0, 2)).toEqual([
      "Healthy (80–100): the health score is unchanged at 90 since 16 May.",
      "No component below 50; lowest is adoption, 70.",
    ]);
  });
});

describe("the story of answers", () => {
  const customers = new Map([
    ["c1", customer("c1", { cents: 1_500_000_00, score: 40 })],
    ["c2", customer("c2", { score: 90 })],
    ["gone", customer("gone", { status: "churned", cents: 9_000_000_00 })],
  ]);
  const lows = [
    response({
      customer_id: "c1",
      score: 1,
      submitted_by_name: "Ada",
      submitted_at: "2026-06-09T08:00:00.000Z",
    }),
    response({ customer_id: "c1", score: 2 }),
    response({ customer_id: "gone", score: 1 }),
  ];

  it("says what fell, in which surveys, who was unhappy and what their contracts are worth", async () => {
    const data = csatData({
      current: [...counts({ 4: 5, 1: 3 }, { 9: 3 }), { survey_type: "onboarding", score: 5, amount: 2 }],
      previous: [...counts({ 5: 8 }), { survey_type: "onboarding", score: 4, amount: 2 }],
      newest: async () => ({ rows: lows, whole: true }),
    });
    const story = await csatStory(data, { customers }, request);
    expect(story.sentences).toEqual([
      "CSAT fell 1.50 to 3.30 of 5, from 10 answers (95%: 2.33 to 4.22), vs 17 Apr – 16 May; 3 NPS answers are too few for a score.",
      "Most of it comes from one kind of survey, quarterly (−2.12, 8 answers). 3 of 13 answers were low, from Company c1.",
      "Behind the low scores stands 1 customer with $1.5M contract value.",
    ]);
    expect(rowsIn(storySection(story, { amounts: true }))).toEqual([
      "Company c1 | $1.5M | 40 | 22 Jun ’26 | Call Ada about the 1 of 5 of 9 Jun",
    ]);
  });

  it.each<[string, Parameters<typeof csatData>[0], readonly string[]]>([
    [
      "nobody answers",
      {},
      [
        "Nobody answered a survey from 1 to 5 in the period, 17 May – 15 Jun 2026.",
        "There is nothing to explain.",
        "No customer’s contract is touched by a low score.",
      ],
    ],
    [
      "all are content, and there is an NPS",
      { current: counts({ 5: 3 }, { 10: 5 }), previous: counts({ 5: 1 }) },
      [
        "CSAT is unchanged at 5.00 of 5, from 3 answers (95%: 3.20 to 5.00), vs 17 Apr – 16 May; NPS is +100, from 5 answers (95%: +17 to +100).",
        "No answer was low.",
        "No customer’s contract is touched by a low score.",
      ],
    ],
    [
      "the data begin in between",
      { current: counts({ 5: 300 }), previous: counts({ 1: 2 }), since: "2026-05-10" },
      [
        "CSAT is 5.00 of 5, from 300 answers (95%: 4.97 to 5.00); there are no data before 10 May 2026.",
        "No answer was low.",
        "No customer’s contract is touched by a low score.",
      ],
    ],
    [
      "more were low than are looked at",
      {
        current: counts({ 1: 900 }),
        newest: async () => ({ rows: [response({ customer_id: "c2", score: 1 })], whole: false }),
      },
      [
        "CSAT is 1.00 of 5, from 900 answers (95%: 1.00 to 1.01); there were no answers in the period before.",
        "900 of 900 answers were low, from Company c2.",
        "Behind the newest 1 low scores stands 1 customer, of whom no contract value is recorded.",
      ],
    ],
  ])("when %s", async (_, given, expected) => {
    expect((await csatStory(csatData(given), { customers }, request)).sentences).toEqual(expected);
  });
});
