import { auth } from "@success-manager/contract/auth";
import { Sessions } from "@success-manager/domain/auth";
import { Users } from "@success-manager/domain/users";
import { serve } from "../serve.ts";

export const handler = serve(auth, {
  login: ({ form, meta }) => Sessions.signIn(form, meta.sourceIp),
  refresh: ({ body }) => Sessions.refresh(body.refresh_token),
  logout: ({ actor }) => Sessions.signOut(actor),
  me: ({ actor: { session_id: _, ...user } }) => user,
  updateMe: ({ actor, body, meta }) => Users.updateProfile(actor, body, meta.ifMatch),
  changePassword: ({ actor, body }) => Users.changePassword(actor, body),
});
