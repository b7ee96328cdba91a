import { scoreDefinitions } from "@success-manager/contract/score-definitions";
import { Backtests } from "@success-manager/domain/backtests";
import { ScoreDefinitions } from "@success-manager/domain/health";
import { serve } from "../serve.ts";

export const handler = serve(scoreDefinitions, {
  list: () => ScoreDefinitions.list(),
  create: ({ body, actor }) => ScoreDefinitions.create(body, actor),
  get: ({ params }) => ScoreDefinitions.get(params.id),
  update: ({ params, body, meta }) => ScoreDefinitions.update(params.id, body, meta.ifMatch),
  remove: ({ params, meta }) => ScoreDefinitions.remove(params.id, meta.ifMatch),
  preview: ({ params, meta }) => ScoreDefinitions.preview(params.id, meta.remaining),
  publish: ({ params, actor, meta }) => ScoreDefinitions.publish(params.id, actor, meta.ifMatch),
  retire: ({ params }) => ScoreDefinitions.retire(params.id),
  startBacktest: ({ body, actor }) => Backtests.start(body, actor),
  listBacktests: ({ query }) => Backtests.list(query),
  getBacktest: ({ params }) => Backtests.get(params.id),
  removeBacktest: ({ params }) => Backtests.remove(params.id),
});
