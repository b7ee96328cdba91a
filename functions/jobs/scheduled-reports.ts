import { scheduledReports } from "@success-manager/domain/reports";
import { countAbandonedReport } from "../abandoned-metric.ts";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(scheduledReports(countAbandonedReport));
