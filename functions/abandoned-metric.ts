import type { StoredReport } from "@success-manager/domain/table";
import { logger, metrics } from "@success-manager/lambda";

/** Logs and counts a report that is not tried again; an alarm watches the count (infra/observability.ts). */
export function countAbandonedReport({ id, error_message }: StoredReport): void {
  logger.error("report given up", { report_id: id, reason: error_message });
  metrics.singleMetric().addMetric("ReportGivenUp", "Count", 1);
}
