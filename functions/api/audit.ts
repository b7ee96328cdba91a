import { audit } from "@success-manager/contract/audit";
import { Audit } from "@success-manager/domain/audit";
import { serve } from "../serve.ts";

export const handler = serve(audit, {
  list: ({ query }) => Audit.list(query),
  verify: ({ query }) => Audit.verify(query),
});
