import { account } from "@success-manager/contract/account";
import { Sessions } from "@success-manager/domain/auth";
import { serve } from "../serve.ts";

export const handler = serve(account, {
  sessions: ({ actor }) => Sessions.listSessions(actor),
  endSession: ({ actor, params }) => Sessions.endSession(actor, params.session_id),
  endOtherSessions: ({ actor }) => Sessions.endOtherSessions(actor),
});
