import { users } from "@success-manager/contract/users";
import { SecondFactor } from "@success-manager/domain/auth";
import { Users } from "@success-manager/domain/users";
import { serveTeam, withoutSession, withReads } from "../serve-team.ts";
import { userOf } from "../unsent-notice.ts";

export const handler = serveTeam(users, {
  list: ({ query, actor }) => Users.list(query, actor),
  create: ({ body }) => Users.create(body),
  invite: ({ body, actor, meta }) => Users.invite(body, actor, meta),
  profile: ({ actor }) => withoutSession(actor),
  updateProfile: async ({ actor, body, meta }) =>
    userOf(await Users.updateProfile(actor, body, meta, meta.ifMatch)),
  changePassword: ({ actor, body, meta }) => Users.changePassword(actor, body, meta.sourceIp),
  startAvatar: ({ body, actor }) => Users.startAvatar(actor, body),
  setAvatar: ({ body, actor }) => Users.setAvatar(actor, body),
  removeAvatar: ({ actor }) => Users.removeAvatar(actor),
  avatar: async ({ params }) => ({
    // Its name never shows another picture.
    headers: { "content-type": "image/png", "cache-control": "public, max-age=86400, immutable" },
    body: await Users.readAvatar(params.file),
  }),
  get: withReads(
    ({ params }) => Users.reads(params.user_id),
    (_, found) => Users.get(found),
  ),
  update: async ({ params, body, actor, meta }) =>
    userOf(await Users.update(params.user_id, body, actor, meta.ifMatch, meta.remaining)),
  remove: ({ params, actor, meta }) => Users.remove(params.user_id, actor, meta.ifMatch),
  unlink: ({ params, actor }) => Users.unlink(params.user_id, actor),
  resetSecondFactor: ({ params, actor }) => SecondFactor.reset(params.user_id, actor),
  activate: ({ params, body, actor, meta }) =>
    Users.activate(params.user_id, body.is_active, actor, meta.ifMatch),
  deactivate: ({ params, actor, meta }) => Users.activate(params.user_id, false, actor, meta.ifMatch),
  reactivate: ({ params, actor, meta }) => Users.activate(params.user_id, true, actor, meta.ifMatch),
});
