import { type JobDefinition, type Progress, runEvent } from "@success-manager/domain/jobs";
import { job, logger } from "@success-manager/lambda";

/** Makes the handler of a job's function: `export const handler = work(dailyScoring)`. */
export const work = <P extends Progress>(on: JobDefinition<P>) =>
  job((event, remaining) => {
    const { job: name, subject = "customer" } = on;
    return runEvent(on, event, {
      remaining,
      log: (id, error) => logger.error(`${subject} failed`, { job: name, [`${subject}_id`]: id, error }),
    });
  });
