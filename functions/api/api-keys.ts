import { apiKeys } from "@success-manager/contract/api-keys";
import { ApiKeys } from "@success-manager/domain/auth";
import { serve } from "../serve.ts";

export const handler = serve(apiKeys, {
  list: ({ query }) => ApiKeys.list(query),
  create: ({ body, actor }) => ApiKeys.create(body, actor),
  get: ({ params }) => ApiKeys.get(params.id),
  update: ({ params, body, meta }) => ApiKeys.update(params.id, body, meta.ifMatch),
  rotate: ({ params, body, meta }) => ApiKeys.rotate(params.id, body, meta.ifMatch),
  revoke: ({ params, meta }) => ApiKeys.revoke(params.id, meta.ifMatch),
});
