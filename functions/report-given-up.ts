import type { StoredReport } from "@success-manager/domain/table";
import { logger, metrics } from "@success-manager/lambda";

/** Tells who watches the service of a report that nobody will try again; an alarm counts them. */
export function reportGivenUp({ id, error_message }: StoredReport): void {
  logger.error("report given up", { report_id: id, reason: error_message });
  metrics.singleMetric().addMetric("ReportGivenUp", "Count", 1);
}
