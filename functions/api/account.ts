import { account } from "@success-manager/contract/account";
import { SecondFactor, Sessions } from "@success-manager/domain/auth";
import { serveTeam } from "../serve-team.ts";

export const handler = serveTeam(account, {
  secondFactor: ({ actor }) => SecondFactor.getStatus(actor),
  setUpSecondFactor: ({ actor }) => SecondFactor.setUp(actor),
  enableSecondFactor: ({ actor, body }) => SecondFactor.enable(actor, body),
  renewRecoveryCodes: ({ actor, body }) => SecondFactor.renewRecoveryCodes(actor, body),
  disableSecondFactor: ({ actor, body, meta }) => SecondFactor.disable(actor, body, meta.sourceIp),
  close: ({ actor, body, meta }) => SecondFactor.close(actor, body, meta.sourceIp),
  sessions: ({ actor }) => Sessions.listSessions(actor),
  endSession: ({ actor, params }) => Sessions.endSession(actor, params.session_id),
  endOtherSessions: ({ actor }) => Sessions.endOtherSessions(actor),
});
