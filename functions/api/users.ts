import { users } from "@success-manager/contract/users";
import { Users } from "@success-manager/domain/users";
import { serve, withReads } from "../serve.ts";
import { userOf } from "../unsent-notice.ts";

export const handler = serve(users, {
  list: ({ query, actor }) => Users.list(query, actor),
  create: ({ body }) => Users.create(body),
  invite: ({ body, actor, meta }) => Users.invite(body, actor, meta),
  profile: ({ actor: { session_id: _, kind: __, ...user } }) => user,
  updateProfile: async ({ actor, body, meta }) =>
    userOf(await Users.updateProfile(actor, body, meta, meta.ifMatch)),
  changePassword: ({ actor, body, meta }) => Users.changePassword(actor, body, meta.sourceIp),
  get: withReads(
    ({ params }) => Users.reads(params.user_id),
    (_, found) => Users.get(found),
  ),
  update: async ({ params, body, actor, meta }) =>
    userOf(await Users.update(params.user_id, body, actor, meta.ifMatch, meta.remaining)),
  remove: ({ params, actor, meta }) => Users.remove(params.user_id, actor, meta.ifMatch),
  activate: ({ params, body, actor, meta }) =>
    Users.activate(params.user_id, body.is_active, actor, meta.ifMatch),
  deactivate: ({ params, actor, meta }) => Users.activate(params.user_id, false, actor, meta.ifMatch),
  reactivate: ({ params, actor, meta }) => Users.activate(params.user_id, true, actor, meta.ifMatch),
});
