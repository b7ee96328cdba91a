import { authenticate } from "@success-manager/domain/auth";
import { openScope } from "@success-manager/domain/lists";
import { spend } from "@success-manager/domain/rate-limit";
import { foundInScope, withinScope } from "@success-manager/domain/table";
import { createServe } from "@success-manager/lambda";
import { shared } from "./serve-team.ts";

export { withReads } from "./serve-team.ts";

/**
 * Serves a group of the contract to signed-in users and API keys: `export const handler = serve(customers, { … })`.
 * Within a call, the customers whom its caller does not see do not exist.
 */
export const serve = createServe(authenticate, spend, {
  ...shared,
  scoping: { open: openScope, within: withinScope, found: foundInScope },
});
