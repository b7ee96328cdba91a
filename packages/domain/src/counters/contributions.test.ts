import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { contributions, type Item } from "./contributions.ts";
import {
  alert,
  interaction,
  report,
  reportSchedule,
  score,
  survey,
  surveyLink,
  ticket,
} from "./fixture/items.ts";

/** `series period counter`: amount, as sentences to compare. */
const counted = (item: Item | undefined) =>
  contributions(item).map(
    ({ series, period, counter, amount }) => `${series} ${period} ${counter} ${amount}`,
  );

describe("an interaction", () => {
  it("counts by type, sentiment and follow-up, for its day, all time, its performer and its customer", () => {
    expect(counted(interaction())).toEqual([
      "interaction day#2026-03-10 meeting|positive|0 1",
      "interaction day#all meeting|positive|0 1",
      "performer day#2026-03-10 Sara Khan 1",
      "customer#c1 day#all interaction|meeting|positive|0 1",
    ]);
  });

  it("that needs a follow-up counts for the day when it is due", () => {
    expect(counted(interaction({ follow_up_required: true, follow_up_date: "2026-04-01" }))).toEqual([
      "interaction day#2026-03-10 meeting|positive|1 1",
      "interaction day#all meeting|positive|1 1",
      "performer day#2026-03-10 Sara Khan 1",
      "follow_up day#2026-04-01 open 1",
      "follow_up day#all open 1",
      "customer#c1 day#all interaction|meeting|positive|1 1",
    ]);
  });

  it("that needs a follow-up some day counts as undated", () => {
    const followUps = counted(interaction({ follow_up_required: true })).filter((line) =>
      line.startsWith("follow_up"),
    );
    expect(followUps).toEqual(["follow_up day#all open 1", "follow_up day#all undated 1"]);
  });

  it("whose follow-up is done keeps its date but counts none", () => {
    const lines = counted(interaction({ follow_up_required: false, follow_up_date: "2026-04-01" }));
    expect(lines.filter((line) => line.startsWith("follow_up"))).toEqual([]);
  });

  it("counts for at most 60 characters of a name, never for half a character", () => {
    const nameOf = (performed_by: string) =>
      contributions(interaction({ performed_by })).find(({ series }) => series === "performer")?.counter;
    expect(nameOf(`${"a".repeat(59)}🙂🙂`)).toBe(`${"a".repeat(59)}🙂`);
    expect(nameOf("\ud83d")).toBe("\ufffd");
    expect(nameOf("")).toBe("");
  });
});

describe("a survey", () => {
  it("counts by type and score for its day, all time and its customer, and what trends need for its month", () => {
    expect(counted(survey())).toEqual([
      "survey day#2026-03-31 nps|9 1",
      "survey day#all nps|9 1",
      "survey month#2026-03 nps|count 1",
      "survey month#2026-03 nps|sum 9",
      "survey month#2026-03 promoters 1",
      "customer#c1 month#2026-03 survey|nps|9 1",
      "customer#c1 day#all survey|nps|9 1",
    ]);
  });

  it("about a deployment counts for its product, by month and by day", () => {
    const ofProduct = (changed: object) =>
      counted(survey({ product: "SupportX", ...changed })).filter((line) => line.includes("SupportX"));
    expect(ofProduct({})).toEqual([
      "survey month#all product|SupportX|promoters 1",
      "survey_product day#2026-03-31 SupportX|nps|9 1",
    ]);
    expect(ofProduct({ survey_type: "quarterly", score: 4 })).toEqual([
      "survey month#2026-03 product|SupportX|count 1",
      "survey month#2026-03 product|SupportX|sum 4",
      "survey month#all product|SupportX|4 1",
      "survey_product day#2026-03-31 SupportX|quarterly|4 1",
    ]);
  });

  it.each([
    [0, "detractors"],
    [6, "detractors"],
    [7, "passives"],
    [8, "passives"],
    [9, "promoters"],
    [10, "promoters"],
  ])("of NPS with %i is one of the %s", (score, group) => {
    const month = counted(survey({ score })).filter((line) => line.startsWith("survey month#2026-03"));
    expect(month).toContain(`survey month#2026-03 ${group} 1`);
    expect(month.filter((line) => /sum/.test(line))).toEqual(
      score === 0 ? [] : [`survey month#2026-03 nps|sum ${score}`],
    );
  });

  it("counts what it praises and complains about", () => {
    const feedback_text = "Great, great people. The portal is slow.";
    expect(counted(survey({ feedback_text })).filter((line) => line.includes("themes"))).toEqual([
      "survey themes +|great 1",
      "survey themes -|slow 1",
    ]);
  });
});

describe("a survey link", () => {
  const counting = (outcome: string) => [
    `survey_link day#2026-02-28 nps|${outcome} 1`,
    `survey_link day#all nps|${outcome} 1`,
    "survey month#2026-02 nps|links 1",
    ...(outcome === "answered" ? ["survey month#2026-02 nps|answered 1"] : []),
    `customer#c1 month#2026-02 survey_link|nps|${outcome} 1`,
    `customer#c1 day#all survey_link|nps|${outcome} 1`,
  ];
  const at = "2026-03-01T08:00:00.000Z";

  it("counts once for the day it was made on, by what came of it and whenever that was", () => {
    expect(counted(surveyLink({ answered_at: at, opened_at: at }))).toEqual(counting("answered"));
    expect(counted(surveyLink({ revoked_at: at }))).toEqual(counting("revoked"));
  });

  it("about a product counts for it too, NPS apart and of all time alone", () => {
    const ofProduct = (changes: Record<string, unknown>) =>
      counted(surveyLink({ product: "MonetX", answered_at: at, ...changes })).filter((line) =>
        line.includes("MonetX"),
      );
    expect(ofProduct({})).toEqual([
      "survey month#all product|MonetX|nps_links 1",
      "survey month#all product|MonetX|nps_answered 1",
    ]);
    expect(ofProduct({ survey_type: "quarterly", answered_at: undefined })).toEqual([
      "survey month#2026-02 product|MonetX|links 1",
      "survey month#all product|MonetX|links 1",
    ]);
  });

  it.each<[Record<string, unknown>, string]>([
    [{}, "pending"],
    [{ mail_status: "sent" }, "pending"],
    [{ mail_status: "unknown" }, "pending"],
    [{ mail_status: "failed" }, "failed"],
    [{ mail_status: "failed", opened_at: at }, "opened"],
  ])("that is open, with %j, counts also for the hour of its end as %s", (changes, state) => {
    expect(counted(surveyLink(changes))).toEqual([
      ...counting("open"),
      `survey_link_end day#2026-03-07 ${state}|12 1`,
    ]);
  });
});

describe("an alert", () => {
  it("counts by type, severity and state for its day, all time and its customer", () => {
    expect(counted(alert())).toEqual([
      "alert day#2026-03-10 health_drop|high|0 1",
      "alert day#all health_drop|high|0 1",
      "customer#c1 day#all alert|health_drop|high|0 1",
    ]);
  });

  it("about no customer counts for its day and all time", () => {
    expect(counted(alert({ customer_id: "none", alert_type: "custom" }))).toEqual([
      "alert day#2026-03-10 custom|high|0 1",
      "alert day#all custom|high|0 1",
    ]);
  });

  it("that is resolved counts with the time it took, for the day of its end", () => {
    expect(counted(alert({ is_resolved: true, resolved_at: "2026-03-12T00:00:00.250Z" }))).toEqual([
      "alert day#2026-03-10 health_drop|high|1 1",
      "alert day#all health_drop|high|1 1",
      "customer#c1 day#all alert|health_drop|high|1 1",
      "alert_resolved day#2026-03-12 count 1",
      "alert_resolved day#all count 1",
      "alert_resolved day#2026-03-12 ms 172800250",
      "alert_resolved day#all ms 172800250",
    ]);
  });
});

describe("a score", () => {
  const [day, week, month] = ["score day#2026-03-10", "score week#2026-W11", "score month#2026-03"];

  it("counts why it moved, for its day and its month", () => {
    const movement = JSON.stringify([
      ["calendar", "financial", "financial", -7, null, [], []],
      ["behaviour", "support", "support", 2, null, [], []],
    ]);
    const of = (period: string) =>
      counted(score({ movement })).filter((line) => line.startsWith(`movement ${period}#`));
    expect(of("day")).toEqual([
      "movement day#2026-03-10 declined 1",
      "movement day#2026-03-10 lost|calendar|financial 7",
      "movement day#2026-03-10 gained|behaviour|support 2",
    ]);
    expect(of("month")).toEqual(of("day").map((line) => line.replace("day#2026-03-10", "month#2026-03")));
  });

  it("counts with its figures, its risk and the products it was about, for its day, week and month", () => {
    const lines = counted(score());
    expect(lines.filter((line) => line.startsWith(day))).toEqual([
      `${day} count 1`,
      `${day} customers 1`,
      `${day} overall 62`,
      `${day} adoption 70`,
      `${day} engagement 40`,
      `${day} support 88`,
      `${day} financial 50`,
      `${day} risk|medium 1`,
      `${day} product|MonetX|count 1`,
      `${day} product|MonetX|customers 1`,
      `${day} product|MonetX|overall 62`,
      `${day} product|GreenX|count 1`,
      `${day} product|GreenX|customers 1`,
      `${day} product|GreenX|overall 62`,
    ]);
    const of = (period: string) =>
      lines.filter((line) => line.startsWith(period)).map((line) => line.slice(period.length));
    expect(of(week)).toEqual(of(day));
    expect(of(month)).toEqual(of(day));
    expect(lines).toHaveLength(3 * of(day).length);
  });

  it.each([
    ["is the customer's first", undefined, [day, week, month]],
    ["follows one of the same day", "2026-03-10T00:00:00.000Z", []],
    ["follows one of the same week", "2026-03-09T23:59:59.999Z", [day]],
    ["follows one of the same month", "2026-03-08T23:59:59.999Z", [day, week]],
    ["follows one of another month", "2026-02-28T23:59:59.999Z", [day, week, month]],
    ["follows one of the same month of another year", "2025-03-10T02:00:00.000Z", [day, week, month]],
  ])("that %s counts its customer once in each period", (_, previous_calculated_at, periods) => {
    const lines = counted(score({ previous_calculated_at }));
    expect(lines.filter((line) => line.includes(" customers "))).toEqual(
      periods.map((period) => `${period} customers 1`),
    );
    expect(lines.filter((line) => line.includes("|customers "))).toEqual(
      ["MonetX", "GreenX"].flatMap((product) =>
        periods.map((period) => `${period} product|${product}|customers 1`),
      ),
    );
  });

  it("of a week that began last month counts the customer of both months", () => {
    const lines = counted(
      score({
        calculated_at: "2026-07-01T02:00:00.000Z",
        previous_calculated_at: "2026-06-30T02:00:00.000Z",
      }),
    );
    expect(lines.filter((line) => line.includes(" customers "))).toEqual([
      "score day#2026-07-01 customers 1",
      "score month#2026-07 customers 1",
    ]);
  });
});

describe("a ticket", () => {
  it("counts by priority and status, and at the minute when it breaks its service level", () => {
    expect(counted(ticket())).toEqual([
      "ticket day#2026-03-10 high|open 1",
      "ticket day#all high|open 1",
      "customer#c1 day#all ticket|high|open 1",
      "ticket_due day#2026-03-10 13:00 1",
      "ticket_due day#all open 1",
    ]);
  });

  it("counts what it took, on the day when it was answered and resolved", () => {
    const times = { first_response_at: "2026-03-10T09:00:01.500Z", resolved_at: "2026-03-12T09:00:00.000Z" };
    expect(counted(ticket({ ...times, status: "resolved" }))).toEqual([
      "ticket day#2026-03-10 high|resolved 1",
      "ticket day#all high|resolved 1",
      "customer#c1 day#all ticket|high|resolved 1",
      "ticket_sla day#2026-03-10 first_response|count 1",
      "ticket_sla day#2026-03-10 first_response|ms 1500",
      "ticket_sla day#2026-03-12 resolution|count 1",
      "ticket_sla day#2026-03-12 resolution|ms 172800000",
    ]);
  });

  it("that waits and has broken nothing is due at no minute", () => {
    const lines = counted(ticket({ status: "waiting", breach_at: undefined }));
    expect(lines.filter((line) => line.startsWith("ticket_due"))).toEqual([]);
  });
});

it("a report counts by type and status, for the day when it was asked for and all time", () => {
  expect(counted(report())).toEqual([
    "report day#2026-03-10 csat_analysis|completed 1",
    "report day#all csat_analysis|completed 1",
  ]);
  const generated_at = "2026-04-01T08:00:00.000Z";
  expect(counted(report({ status: "failed", generated_at }))).toEqual([
    "report day#2026-03-10 csat_analysis|failed 1",
    "report day#all csat_analysis|failed 1",
  ]);
});

it("a schedule of a report counts by type, frequency and whether it is active", () => {
  expect(counted(reportSchedule())).toEqual(["report_schedule day#all health_summary|monthly|1 1"]);
  expect(counted(reportSchedule({ is_active: false }))).toEqual([
    "report_schedule day#all health_summary|monthly|0 1",
  ]);
});

it.each([
  ["no item", undefined],
  ["a customer", { __edb_e__: "customer", id: "c1" }],
  ["a counter", { pk: "rollup#alert", sk: "day#all", "c:count": 1 }],
  ["the name of a built-in", { __edb_e__: "constructor" }],
])("%s counts nothing", (_, item) => {
  expect(contributions(item)).toEqual([]);
});

describe("a malformed item is refused", () => {
  it.each<[string, Item]>([
    ["interaction_date", interaction({ interaction_date: "yesterday" })],
    ["sentiment", interaction({ sentiment: "furious" })],
    ["performed_by", interaction({ performed_by: 7 })],
    ["score", survey({ score: "9" })],
    ["customer_id", survey({ customer_id: undefined })],
    ["answered_at", surveyLink({ answered_at: true })],
    ["resolved_at", alert({ is_resolved: true })],
    ["is_resolved", alert({ is_resolved: "yes" })],
    ["previous_calculated_at", score({ previous_calculated_at: "yesterday" })],
    ["factors", score({ factors: "{" })],
    ["status", report({ status: "processing" })],
    ["is_active", reportSchedule({ is_active: 1 })],
    ["priority", ticket({ priority: "urgent" })],
    ["breach_at", ticket({ breach_at: "soon" })],
    ["factors.adoption", score({ factors: "{}" })],
  ])("for its %s", (field, item) => {
    expect(() => contributions(item)).toThrow(`: ${field} is not as it must be`);
  });

  it("without a word of what it holds", () => {
    const secret = interaction({ performed_by: { name: "Sara" }, customer_id: 5, sentiment: "secret" });
    expect(() => contributions(secret)).toThrow(
      /^A stored interaction can't be counted: customer_id, sentiment, performed_by is not as it must be$/,
    );
  });
});

it("any name of a performer becomes a counter that can be stored", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary", maxLength: 100 }), (performed_by) => {
      const { counter = "" } =
        contributions(interaction({ performed_by })).find(({ series }) => series === "performer") ?? {};
      expect(counter.isWellFormed()).toBe(true);
      expect(Array.from(counter).length).toBeLessThanOrEqual(60);
    }),
  );
});
