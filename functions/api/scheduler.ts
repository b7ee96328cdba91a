import { scheduler } from "@success-manager/contract/scheduler";
import { Scheduler } from "@success-manager/domain/jobs";
import { serveTeam } from "../serve-team.ts";

export const handler = serveTeam(scheduler, {
  list: () => Scheduler.list(),
  run: ({ params }) => Scheduler.run(params.job),
  getRun: ({ params, query }) => Scheduler.getRun(params.run_id, query),
});
