import { type Progress, runEvent, type Work } from "@success-manager/domain/job";
import { job, logger } from "@success-manager/lambda";

/** Makes the handler of a job's function: `export const handler = work(dailyScoring)`. */
export const work = <P extends Progress>(on: Work<P>) =>
  job((event, remaining) =>
    runEvent(on, event, {
      remaining,
      log: (customer_id, error) => logger.error("customer failed", { job: on.job, customer_id, error }),
    }),
  );
