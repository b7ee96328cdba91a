import { authenticate, derivedSecrets } from "@success-manager/domain/auth";
import { createIdempotency } from "@success-manager/domain/idempotency";
import { spend } from "@success-manager/domain/rate-limit";
import { consistency, type FoundOf, type GetRequests, takeUnits } from "@success-manager/domain/table";
import { createServe, type Implementation } from "@success-manager/lambda";

/** Serves a group of the contract to signed-in users: `export const handler = serve(customers, { … })`. */
export const serve = createServe(authenticate, spend, {
  consistency,
  takeUnits,
  remembered: createIdempotency(derivedSecrets),
});

/**
 * An implementation that reads items by keys of its input together with user and session, which saves a request:
 * `get: withReads(({ params }) => Customers.pageReads(params.id), ({ params }, found) => Customers.get(params.id, found))`.
 */
export const withReads = <Input, const R extends GetRequests, Answer>(
  reads: (input: Input) => R,
  run: (request: Input, found: FoundOf<R>) => Answer | Promise<Answer>,
): Implementation<Input, Answer, GetRequests[number]> =>
  Object.assign((request: Input, found: readonly unknown[]) => run(request, found as FoundOf<R>), { reads });
