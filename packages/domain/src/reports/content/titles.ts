import type { ReportType } from "@success-manager/contract/vocabulary";

const TITLES: Readonly<Record<ReportType, string>> = {
  health_summary: "Customer Health Summary",
  csat_analysis: "CSAT Analysis",
  customer_overview: "Customer Overview",
  executive_summary: "Executive Summary",
};

/** The title of a type of report, as it is printed and mailed. */
export const titleOf = (type: ReportType): string => TITLES[type];
