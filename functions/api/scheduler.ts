import { scheduler } from "@success-manager/contract/scheduler";
import { Scheduler } from "@success-manager/domain/jobs";
import { serve } from "../serve.ts";

export const handler = serve(scheduler, {
  list: () => Scheduler.list(),
  run: ({ params }) => Scheduler.run(params.job),
  getRun: ({ params, query }) => Scheduler.getRun(params.run_id, query),
});
