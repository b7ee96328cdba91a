import type { ReportType } from "@success-manager/contract/vocabulary";
import type { Document, Fact } from "@success-manager/pdf/document";
import type { StoredReport } from "../../table/index.ts";
import type { Asked, Content } from "./asked.ts";
import { csatAnalysis } from "./csat-analysis.ts";
import { customerOverview } from "./customer-overview/index.ts";
import { executiveSummary } from "./executive-summary.ts";
import { filterFacts } from "./filter-facts.ts";
import { healthSummary } from "./health-summary.ts";
import { titleOf } from "./titles.ts";
import { dayText, instantText, periodText } from "./wording.ts";

const MAKE: Readonly<Record<ReportType, (asked: Asked) => Promise<Content>>> = {
  health_summary: healthSummary,
  csat_analysis: csatAnalysis,
  customer_overview: customerOverview,
  executive_summary: executiveSummary,
};

/** What a report has to be known by. */
export type Wanted = Pick<
  StoredReport,
  "report_name" | "report_type" | "filters" | "date_from" | "date_to" | "triggered_by"
>;

/**
 * What a report says, as of now: the period's figures are those of its days, the portfolio is as it stands.
 *
 * @throws 404 when it is about a customer who is not there
 */
export async function contentOf(report: Wanted, now: Date): Promise<Document> {
  const { report_name, report_type, filters = {}, triggered_by, ...period } = report;
  const asked: Asked = { filters, period: { date_from: period.date_from, date_to: period.date_to }, now };
  const [{ subtitle, sections }, narrowed] = await Promise.all([
    MAKE[report_type](asked),
    filterFacts(asked),
  ]);
  const title = titleOf(report_type);
  const facts: Fact[] = [
    { label: "Period", value: periodText(asked.period) },
    ...narrowed,
    {
      label: "Generated",
      value: `${instantText(now)}, for ${triggered_by === "Schedule" ? report_name : triggered_by}`,
    },
  ];
  return {
    title,
    subtitle: subtitle ?? (report_name === title ? undefined : report_name),
    facts,
    paper: filters.paper ?? "a4",
    created: now,
    footer: `Success Manager · ${title} · ${dayText(asked.period.date_to)}`,
    sections,
  };
}
