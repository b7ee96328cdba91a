import { authenticate } from "@success-manager/domain/auth";
import { openScope } from "@success-manager/domain/lists";
import { spend, takeLimits } from "@success-manager/domain/rate-limit";
import { consistency, foundInScope, runAs, takeUnits, withinScope } from "@success-manager/domain/table";
import { createServe } from "@success-manager/lambda";

export { withReads } from "./serve-team.ts";

/**
 * Serves a group of the contract to signed-in users: `export const handler = serve(customers, { … })`. Within a call,
 * the customers whom its caller does not see do not exist.
 */
export const serve = createServe(authenticate, spend, {
  ...{ consistency, takeUnits, takeLimits, runAs },
  scoping: { open: openScope, within: withinScope, found: foundInScope },
});
