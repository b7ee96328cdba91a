import type { Quota } from "@success-manager/contract/dsl/endpoint";
import type { Middleware } from "./context.ts";

/**
 * Spends one of each of these quotas of a user.
 *
 * @throws 429 when one of them is used up
 */
export type Charge = (user_id: string, quotas: readonly Quota[]) => Promise<void>;

const hasField = (body: unknown, field: string) =>
  typeof body === "object" && body !== null && field in body && body[field as keyof object] != null;

/** Charges callers for what costs, once their input is known to be valid. */
export const charge = (spend: Charge): Middleware => ({
  before: async ({ event: { context } }) => {
    const { endpoint, actor, input } = context;
    const { costs } = endpoint;
    if (!costs || !actor || (costs.when !== undefined && !hasField(input.body, costs.when))) return;
    await spend(actor.id, costs.quotas);
  },
});
