import { systemWatch } from "@success-manager/domain/jobs";
import { emitJobMetric, metrics } from "@success-manager/lambda";
import { jobHandler } from "../job-handler.ts";

export const handler = jobHandler(
  systemWatch(({ late, lag_ms }) => {
    for (const [job, isLate] of late) emitJobMetric(job, "JobLate", "Count", isLate ? 1 : 0);
    metrics.singleMetric().addMetric("StreamLag", "Milliseconds", lag_ms);
  }),
);
