import { auth } from "@success-manager/contract/auth";
import { Sessions } from "@success-manager/domain/auth";
import { Oidc } from "@success-manager/domain/auth/oidc";
import { countPasswordCall } from "@success-manager/domain/rate-limit";
import { Users } from "@success-manager/domain/users";
import { serveTeam, withoutSession } from "../serve-team.ts";
import { userOf } from "../unsent-notice.ts";
import { callback, login } from "./auth/oidc.ts";

export const handler = serveTeam(auth, {
  login: ({ form, meta }) => Sessions.signIn(form, meta.sourceIp, meta.headers["user-agent"]),
  secondFactor: ({ body, meta: { sourceIp, headers } }) =>
    Sessions.signInWithCode(body, { sourceIp, userAgent: headers["user-agent"] }),
  refresh: ({ body, meta: { sourceIp, headers } }) =>
    Sessions.refresh(body.refresh_token, { sourceIp, userAgent: headers["user-agent"] }),
  logout: ({ actor }) => Sessions.signOut(actor),
  me: ({ actor }) => withoutSession(actor),
  updateMe: async ({ actor, body, meta }) =>
    userOf(await Users.updateProfile(actor, body, meta, meta.ifMatch)),
  changePassword: ({ actor, body, meta }) => Users.changePassword(actor, body, meta.sourceIp),
  forgotPassword: ({ body, meta }) => Users.requestReset(body.email, meta.sourceIp),
  validateToken: async ({ params, meta }) => {
    await countPasswordCall(meta.sourceIp);
    return Users.validateToken(params.token);
  },
  setPassword: async ({ body, meta }) => {
    await countPasswordCall(meta.sourceIp);
    return Users.setPassword(body.token, body.new_password);
  },
  methods: ({ meta }) => Oidc.methods(meta.origin),
  oidcLogin: ({ query, meta }) => login(query, meta),
  oidcCallback: ({ query, meta }) => callback(query, meta),
  oidcExchange: ({ body, meta: { sourceIp, headers } }) =>
    Oidc.exchange(body, { sourceIp, userAgent: headers["user-agent"] }),
});
