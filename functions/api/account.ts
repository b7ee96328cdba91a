import { account } from "@success-manager/contract/account";
import { Sessions } from "@success-manager/domain/auth";
import { serveTeam } from "../serve-team.ts";

export const handler = serveTeam(account, {
  sessions: ({ actor }) => Sessions.listSessions(actor),
  endSession: ({ actor, params }) => Sessions.endSession(actor, params.session_id),
  endOtherSessions: ({ actor }) => Sessions.endOtherSessions(actor),
});
