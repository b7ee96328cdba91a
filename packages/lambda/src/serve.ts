import middy from "@middy/core";
import type { Actor, Endpoint, Reply, Request } from "@success-manager/contract/dsl/endpoint";
import type { Group } from "@success-manager/contract/dsl/group";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { access } from "./access.ts";
import { type Authenticate, authenticate } from "./authenticate.ts";
import { type Charge, charge } from "./charge.ts";
import { type Consistency, consistency, takeMarks } from "./consistency.ts";
import type { HttpEvent, HttpResult, Outcome } from "./context.ts";
import { edge } from "./edge.ts";
import { errors } from "./errors.ts";
import { headers } from "./headers.ts";
import { forgetful, type Idempotency, idempotency, mayBeKeyed, takeKey } from "./idempotency.ts";
import { checkInput } from "./input.ts";
import { logging } from "./logging.ts";
import { TIMEOUT_RESERVE_MS, TimedOut, toMeta } from "./meta.ts";
import { parse } from "./parse.ts";
import { rateLimits, type TakeLimits } from "./rate-limits.ts";
import { respond } from "./respond.ts";
import { route } from "./route.ts";
import { type TakeUnits, tellRequest } from "./telemetry.ts";
import { validate } from "./validate.ts";

/** A function behind an endpoint. */
export interface Implementation<Input, Answer, Read = unknown> {
  /** `found` is what `reads` asked for, in its order. */
  (request: Input, found: readonly unknown[]): Answer | Promise<Answer>;
  /** What is read in the same request as user and session, by keys that follow from the input. */
  readonly reads?: (input: Input) => readonly Read[];
}

/** One function per endpoint of a group, with the input and output that the contract declares. */
export type Implementations<G extends Group, Read = unknown> = {
  readonly [K in keyof G["endpoints"]]: Implementation<
    Request<G["endpoints"][K]>,
    Reply<G["endpoints"][K]>,
    Read
  >;
};

export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<HttpResult>;

function timedOut(): never {
  throw new TimedOut();
}

/** For groups that are open to everybody: nobody has a quota there. */
const free: Charge = () => Promise.resolve();

/** In whose name a call writes: its user or API key, or somebody who needs no sign-in. */
export interface Caller {
  readonly kind: "user" | "key" | "visitor";
  /** Of a visitor: what they call. */
  readonly id: string;
  readonly name?: string;
  readonly request_id: string;
}

/** What callers who do not see all customers may see. */
export interface Scoping<Scope> {
  /** Opens a caller's scope, as of now; undefined for who sees all. */
  open(actor: Actor): Promise<Scope | undefined>;
  /** Runs something within a scope. */
  within<T>(scope: Scope, run: () => T): T;
  /** Of what was read together with the session, what may be seen; asked within the scope. */
  found(found: readonly unknown[]): readonly unknown[];
}

interface DatabaseTells<Read, Scope> {
  readonly consistency?: Consistency;
  readonly takeUnits?: TakeUnits;
  readonly takeLimits?: TakeLimits;
  /** Absent for groups that hold nothing of a customer. */
  readonly scoping?: Scoping<Scope>;
  readonly runAs?: <T>(caller: Caller, run: () => T) => T;
  readonly remembered?: Idempotency<Read>;
}

function writerOf({ context: { actor }, requestContext, routeKey }: HttpEvent): Caller {
  const request_id = requestContext.requestId;
  if (!actor) return { kind: "visitor", id: routeKey, request_id };
  const { kind, id, full_name: name } = actor;
  return { kind, id, name, request_id };
}
/** For groups without limits. */
const unlimited: TakeLimits = () => new Map();
/** For groups whose lists nobody waits for. */
const untracked: Consistency = { begin: () => undefined, mark: () => undefined };

/**
 * Makes `serve`, which turns a group's table and its implementations into a Lambda handler.
 * The stack reads top to bottom as the life of a request; `errors` and `headers` run on the way out.
 *
 * @param verify finds the user of an access token; only asked for endpoints that are not public
 * @param spend takes from a user's quotas what a call costs
 * @param database what it tells of a request, where there is one: what was written, so that the caller's next request
 * sees it, how many units it has counted since it was asked last, which limits a request has met, and which calls it
 * remembers; what of it callers may see; and it is told in whose name a call writes
 */
export const createServe =
  <Read, Scope = never>(
    verify: Authenticate<Read>,
    spend: Charge = free,
    {
      consistency: tracked = untracked,
      takeUnits,
      takeLimits = unlimited,
      scoping,
      runAs = (_, run) => run(),
      remembered = forgetful,
    }: DatabaseTells<Read, Scope> = {},
  ) =>
  <G extends Group>(group: G, implementations: Implementations<G, Read>): HttpHandler => {
    const table: Readonly<Record<string, Implementation<never, unknown, Read>>> = implementations;
    const input = checkInput([parse(), validate()], (name) => table[name]?.reads);

    const callImplementation = async (event: HttpEvent, lambda: Context): Promise<HttpResult> => {
      const { name, actor, input, found = [] } = event.context;
      const request = { ...input, meta: toMeta(event, lambda), ...(actor && { actor }) } as Request<Endpoint>;
      const implementation = table[name] as Implementation<Request<Endpoint>, Outcome>;
      const scope = actor && (await scoping?.open(actor));
      const run = () =>
        scope && scoping
          ? scoping.within(scope, async () => implementation(request, scoping.found(found)))
          : implementation(request, found);
      return respond(event, await runAs(writerOf(event), run));
    };

    const handler = middy<HttpEvent, HttpResult, Error, Context>({
      timeoutEarlyInMillis: TIMEOUT_RESERVE_MS,
      timeoutEarlyResponse: timedOut,
    })
      .use(logging())
      .use(headers())
      .use(consistency(tracked))
      .use(rateLimits(takeLimits))
      .use(errors())
      .use(edge())
      .use(route(group))
      .use(takeKey())
      .use(authenticate(verify, input, remembered))
      .use(access(group))
      .use(takeMarks(tracked))
      .use(idempotency(remembered, tracked))
      .use(input.middleware())
      .use(charge(spend))
      .handler(callImplementation);

    return async (event, lambda) => {
      const start = performance.now();
      // What an earlier request left running, and nobody waited for, is not this one's.
      takeUnits?.();
      // `route` gives the gateway's event its context before anybody asks for it.
      const request = event as HttpEvent;
      const run = () => handler(request, lambda);
      const result = await (mayBeKeyed(request) ? remembered.run(run) : run());
      tellRequest(request, result, { ms: performance.now() - start, units: takeUnits?.() });
      return result;
    };
  };
