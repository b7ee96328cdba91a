import { users } from "@success-manager/contract/users";
import { Users } from "@success-manager/domain/users";
import { serve } from "../serve.ts";

export const handler = serve(users, {
  list: ({ query }) => Users.list(query),
  create: ({ body }) => Users.create(body),
  get: ({ params }) => Users.get(params.user_id),
  update: ({ params, body, actor, meta }) => Users.update(params.user_id, body, actor, meta.ifMatch),
  remove: ({ params, actor, meta }) => Users.remove(params.user_id, actor, meta.ifMatch),
  activate: ({ params, body, actor, meta }) =>
    Users.activate(params.user_id, body.is_active, actor, meta.ifMatch),
});
