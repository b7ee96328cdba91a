import { describe, expect, it } from "vitest";
import { REPORT_SECTIONS, ReportFilters, validateFilters } from "./report-filters.ts";
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
