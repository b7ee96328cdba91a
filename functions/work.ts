import { type JobDefinition, type Progress, runEvent } from "@success-manager/domain/jobs";
import { job as jobHandler, logger } from "@success-manager/lambda";

/** Makes the handler of a job's function: `export const handler = work(dailyScoring)`. */
export const work = <P extends Progress>(on: JobDefinition<P>) =>
  jobHandler((event, remaining) => {
    const { id: job, subject } = on;
    return runEvent(on, event, {
      remaining,
      log: (id, error) => logger.error(`${subject} failed`, { job, [`${subject}_id`]: id, error }),
    });
  });
