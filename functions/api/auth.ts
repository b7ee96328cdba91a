import { auth } from "@success-manager/contract/auth";
import { Sessions } from "@success-manager/domain/auth";
import { countPasswordCall } from "@success-manager/domain/rate-limit";
import { Users } from "@success-manager/domain/users";
import { serve } from "../serve.ts";
import { userOf } from "../unsent-notice.ts";

export const handler = serve(auth, {
  login: ({ form, meta }) => Sessions.signIn(form, meta.sourceIp, meta.headers["user-agent"]),
  refresh: ({ body, meta: { sourceIp, headers } }) =>
    Sessions.refresh(body.refresh_token, { sourceIp, userAgent: headers["user-agent"] }),
  logout: ({ actor }) => Sessions.signOut(actor),
  me: ({ actor: { session_id: _, kind: __, ...user } }) => user,
  updateMe: async ({ actor, body, meta }) =>
    userOf(await Users.updateProfile(actor, body, meta, meta.ifMatch)),
  changePassword: ({ actor, body, meta }) => Users.changePassword(actor, body, meta.sourceIp),
  setPassword: async ({ body, meta }) => {
    await countPasswordCall(meta.sourceIp);
    return Users.setPassword(body.token, body.new_password);
  },
});
