import { describe, expect, it } from "vitest";
import { REPORT_SECTIONS, ReportFilters, validateFilters } from "./report-filters.ts";
import { NewReportSchedule, ReportScheduleChanges } from "./report-schedules.ts";
import { NewReport } from "./reports.ts";
import { ReportType } from "./vocabulary.ts";

const DAY_MS = 24 * 60 * 60 * 1000;
const dayBefore = (days: number) => new Date(Date.now() - days * DAY_MS).toISOString().slice(0, 10);
const faults = (filters: ReportFilters, type: ReportType = "csat_analysis") =>
  validateFilters(type, filters).map(({ filter, message }) => `${filter} ${message}`);

describe("filters of a report", () => {
  it.each(ReportType.options)("are all of its parts for %s, and no other's", (type) => {
    expect(faults({ sections: [...REPORT_SECTIONS[type]] }, type)).toEqual([]);
    const others = ReportType.options.flatMap((other) => REPORT_SECTIONS[other]);
    const [foreign] = others.filter((part) => !(REPORT_SECTIONS[type] as readonly string[]).includes(part));
    expect(faults({ sections: foreign ? [foreign] : [] }, type)).toEqual([
      `sections must be of ${REPORT_SECTIONS[type].join(", ")} for ${type}`,
    ]);
  });

  it("are refused where the report has no use for them", () => {
    expect(faults({ min_score: 10 })).toEqual([expect.stringMatching(/^min_score is not for csat_analysis/)]);
    expect(faults({ min_score: 10 }, "health_summary")).toEqual([]);
    expect(faults({ min_score: 10, max_score: 9 }, "health_summary")).toEqual([
      "max_score must not be below min_score",
    ]);
    expect(ReportFilters.safeParse({ colour: "green" }).success).toBe(false);
  });

  it.each([
    [{ date_from: "2026-01-02", date_to: "2026-01-01" }, "date_to must not be before date_from"],
    [{ date_from: "2024-01-01", date_to: "2026-01-01" }, "date_to must be within two years of date_from"],
    [{ date_from: dayBefore(731) }, "date_from must be within two years before today, or come with date_to"],
  ])("%j are too much", (filters, fault) => expect(faults(filters)).toEqual([fault]));

  it.each([
    { date_from: "2024-01-01", date_to: "2025-12-31" },
    { date_from: "2026-01-01", date_to: "2026-01-01" },
    { date_from: dayBefore(730) },
    { date_from: "2999-01-01" },
    { date_to: "1900-01-01" },
    {},
  ])("%j are a period", (filters) => expect(faults(filters)).toEqual([]));
});

describe("a filter one level off", () => {
  const VALUES: Readonly<Record<keyof ReportFilters, unknown>> = {
    date_from: "2026-01-01",
    date_to: "2026-01-31",
    sections: ["overview"],
    paper: "a4",
    customer_id: "0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11",
    backtest_id: "0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11",
    status: ["active"],
    industries: ["Energy"],
    account_manager_id: "0b0e3d3a-6f0c-4b5e-9d51-7a1e7f4b2c11",
    product: "MonetX",
    min_score: 10,
    max_score: 90,
    survey_types: ["nps"],
    days_to_renewal: 30,
    include_financials: false,
    include_trends: false,
    include_notes: false,
    annex: true,
  };
  const REQUESTS = [
    [
      "a report",
      NewReport,
      { report_type: "health_summary" },
      ["date_from", "date_to", "sections", "customer_id", "backtest_id"],
    ],
    [
      "a schedule",
      NewReportSchedule,
      {
        report_name: "A",
        report_type: "health_summary",
        frequency: "daily",
        recipients: ["ada@example.com"],
      },
      ["customer_id"],
    ],
    ["a changed schedule", ReportScheduleChanges, {}, ["customer_id"]],
  ] as const;
  const CASES = REQUESTS.flatMap(([name, schema, body, taken]) =>
    Object.entries(VALUES).map(
      ([filter, value]) =>
        [name, filter, schema, body, value, (taken as readonly string[]).includes(filter)] as const,
    ),
  );

  it.each(CASES)(
    "of %s, %s, is refused or taken, never ignored",
    (_, filter, schema, body, value, isTaken) => {
      // Of what it is taken for.
      const type = isTaken && filter === "backtest_id" && { report_type: "score_backtest" };
      const { success, data, error } = schema.safeParse({ ...body, ...type, [filter]: value });
      expect(success).toBe(isTaken);
      if (isTaken) expect(JSON.stringify(data)).toContain(JSON.stringify(value));
      else
        expect(error?.issues.map(({ path, message }) => `${path.join(".")} ${message}`)).toEqual([
          `${filter} belongs into filters`,
        ]);
      // Forms send blanks for empty fields.
      expect(schema.safeParse({ ...body, [filter]: null }).success).toBe(true);
    },
  );

  it("is refused within the filters too, as is an option of the query in the body", () => {
    for (const filters of [
      { filters: { product: "MonetX" } },
      { report_type: "health_summary" },
      { async: true },
    ])
      expect(NewReport.safeParse({ report_type: "health_summary", filters }).success).toBe(false);
    const { error } = NewReport.safeParse({ report_type: "health_summary", async: true });
    expect(error?.issues).toMatchObject([{ path: ["async"], message: "belongs into the query" }]);
  });
});
