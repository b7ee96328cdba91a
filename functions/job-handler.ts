import { type Progress, runEvent, type Work } from "@success-manager/domain/job";
import { createJobHandler, logger } from "@success-manager/lambda";

/** Makes the handler of a job's function: `export const handler = jobHandler(dailyScoring)`. */
export const jobHandler = <P extends Progress>(job: Work<P>) =>
  createJobHandler((event, remaining) => {
    const { job: name, subject = "customer" } = job;
    return runEvent(job, event, {
      remaining,
      log: (id, error) => logger.error(`${subject} failed`, { job: name, [`${subject}_id`]: id, error }),
    });
  });
