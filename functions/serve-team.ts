import type { UserActor } from "@success-manager/contract/dsl/endpoint";
import type { User } from "@success-manager/contract/user";
import { authenticate, derivedSecrets } from "@success-manager/domain/auth";
import { createIdempotency } from "@success-manager/domain/idempotency";
import { spend, takeLimits } from "@success-manager/domain/rate-limit";
import { consistency, type FoundOf, type GetRequests, runAs, takeUnits } from "@success-manager/domain/table";
import { createServe, type Implementation } from "@success-manager/lambda";

/** What both ways to serve share: what the database tells of a request, and what it remembers of it. */
export const shared = {
  ...{ consistency, takeUnits, takeLimits, runAs },
  remembered: createIdempotency(derivedSecrets),
};

/**
 * Serves a group that holds nothing of a customer, to signed-in users: accounts, API keys, settings, the scheduler. All others
 * are served by `serve`, which shows callers the customers that they may see (test/house/scope.test.ts).
 */
export const serveTeam = createServe(authenticate, spend, shared);

/**
 * An implementation that reads items by keys of its input together with user and session, which saves a request:
 * `get: withReads(({ params }) => Customers.pageReads(params.id), ({ params }, found) => Customers.get(params.id, found))`.
 */
export const withReads = <Input, const R extends GetRequests, Answer>(
  reads: (input: Input) => R,
  run: (request: Input, found: FoundOf<R>) => Answer | Promise<Answer>,
): Implementation<Input, Answer, GetRequests[number]> =>
  Object.assign((request: Input, found: readonly unknown[]) => run(request, found as FoundOf<R>), { reads });

/** The account of who calls. */
export const withoutSession = ({
  kind: _,
  session_id: __,
  must_set_up_factor: ___,
  ...user
}: UserActor): User => user;
