import { apiKeys } from "@success-manager/contract/api-keys";
import { ApiKeys } from "@success-manager/domain/auth";
import { serveTeam } from "../serve-team.ts";

export const handler = serveTeam(apiKeys, {
  list: ({ query }) => ApiKeys.list(query),
  create: ({ body, actor }) => ApiKeys.create(body, actor),
  get: ({ params }) => ApiKeys.get(params.id),
  update: ({ params, body, meta }) => ApiKeys.update(params.id, body, meta.ifMatch),
  rotate: ({ params, body, meta }) => ApiKeys.rotate(params.id, body, meta.ifMatch),
  revoke: ({ params, meta }) => ApiKeys.revoke(params.id, meta.ifMatch),
});
