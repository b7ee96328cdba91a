import { scheduledReports } from "@success-manager/domain/report";
import { countAbandonedReport } from "../abandoned-metric.ts";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(scheduledReports(countAbandonedReport));
