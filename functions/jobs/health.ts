import { continueInJob, runDaily } from "@success-manager/domain/health";
import { job, logger } from "@success-manager/lambda";

export const handler = job(({ scheduled_time }, remaining) =>
  runDaily(scheduled_time, {
    remaining,
    handOver: continueInJob,
    log: (customer_id, error) => logger.error("customer not scored", { customer_id, error }),
  }),
);
