import { type JobDefinition, type Progress, runEvent } from "@success-manager/domain/jobs";
import { createJobHandler, logger } from "@success-manager/lambda";

/** Makes the handler of a job's function: `export const handler = jobHandler(dailyScoring)`. */
export const jobHandler = <P extends Progress>(job: JobDefinition<P>) =>
  createJobHandler((event, remaining) => {
    const { job: name, subject = "customer" } = job;
    return runEvent(job, event, {
      remaining,
      log: (id, error) => logger.error(`${subject} failed`, { job: name, [`${subject}_id`]: id, error }),
    });
  });
