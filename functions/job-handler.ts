import { type JobDefinition, type Progress, runEvent } from "@success-manager/domain/jobs";
import { createJobHandler, logger } from "@success-manager/lambda";

/** Makes the handler of a job's function: `export const handler = jobHandler(dailyScoring)`. */
export const jobHandler = <P extends Progress>(job: JobDefinition<P>) =>
  createJobHandler((event, remaining) => {
    const { id, subject } = job;
    return runEvent(job, event, {
      remaining,
      log: (subject_id, error) =>
        logger.error(`${subject} failed`, { job: id, [`${subject}_id`]: subject_id, error }),
    });
  });
