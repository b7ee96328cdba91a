import { type JobDefinition, type Progress, runEvent } from "@success-manager/domain/jobs";
import { createJobHandler, emitJobMetric, logger } from "@success-manager/lambda";

/**
 * Makes the handler of a job's function: `export const handler = jobHandler(dailyScoring)`. A run that has reached its
 * end is a metric, and so is how many subjects failed in it: alarms watch both (infra/observability.ts).
 */
export const jobHandler = <P extends Progress>(job: JobDefinition<P>) =>
  createJobHandler(async (event, remaining) => {
    const { id, subject } = job;
    const outcome = await runEvent(job, event, {
      remaining,
      log: (subject_id, error) =>
        logger.error(`${subject} failed`, { job: id, [`${subject}_id`]: subject_id, error }),
    });
    if (outcome.result === "completed" && "progress" in outcome) {
      emitJobMetric(id, "JobCompleted", "Count", 1);
      emitJobMetric(id, "JobItemsFailed", "Count", job.counts(outcome.progress).failed);
    }
    return outcome;
  });
