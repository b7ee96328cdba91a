import middy from "@middy/core";
import { date, instant } from "@success-manager/contract/values";
import type { Context } from "aws-lambda";
import * as z from "zod";
import { logger, metrics } from "./telemetry.ts";

/** What the scheduler, a person or an earlier invocation sends. The scheduled time is the job's "now". */
const JobEvent = z.object({
  job: z.string(),
  scheduled_time: z.union([instant, date.transform((day) => `${day}T00:00:00.000Z`)]),
  /** Whether a person asked for this run. */
  manual: z.boolean().optional(),
  /** The one subject that is to be done instead of a run. */
  subject_id: z.string().min(1).max(64).optional(),
  /** What a run is told beside its time, where the job takes any of it. */
  options: z.record(z.string().max(32), z.boolean()).optional(),
});
export type JobEvent = z.infer<typeof JobEvent>;

/**
 * A scheduled function. Its result is logged and returned; a failure is logged and thrown, so that Lambda
 * tries again and then keeps the event in the dead-letter queue.
 */
export const createJobHandler = <R extends object>(
  run: (event: JobEvent, remaining: () => number) => Promise<R>,
) =>
  middy<unknown, R, Error, Context>()
    .before(({ context }) => logger.addContext(context))
    .onError(({ error }) => {
      logger.error("job failed", { error });
      metrics.addMetric("JobFailed", "Count", 1);
      metrics.publishStoredMetrics();
    })
    .handler(async (event, context) => {
      const parsed = JobEvent.parse(event);
      logger.appendKeys({ job: parsed.job, scheduled_time: parsed.scheduled_time });
      const result = await run(parsed, () => context.getRemainingTimeInMillis());
      logger.info("job done", { result });
      return result;
    });
