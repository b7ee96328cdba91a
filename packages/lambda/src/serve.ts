import middy from "@middy/core";
import type { Endpoint, Reply, Request } from "@success-manager/contract/dsl/endpoint";
import type { Group } from "@success-manager/contract/dsl/group";
import { Problem } from "@success-manager/contract/problem";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { access } from "./access.ts";
import { type Authenticate, authenticate } from "./authenticate.ts";
import { type Charge, charge } from "./charge.ts";
import type { HttpEvent, HttpResult, Outcome } from "./context.ts";
import { errors } from "./errors.ts";
import { headers } from "./headers.ts";
import { logging } from "./logging.ts";
import { TIMEOUT_RESERVE_MS, toMeta } from "./meta.ts";
import { parse } from "./parse.ts";
import { respond } from "./respond.ts";
import { route } from "./route.ts";
import { validate } from "./validate.ts";

/** One function per endpoint of a group, with the input and output that the contract declares. */
export type Implementations<G extends Group> = {
  readonly [K in keyof G["endpoints"]]: (
    request: Request<G["endpoints"][K]>,
  ) => Reply<G["endpoints"][K]> | Promise<Reply<G["endpoints"][K]>>;
};

export type HttpHandler = (event: APIGatewayProxyEventV2, context: Context) => Promise<HttpResult>;

function timedOut(): never {
  throw new Problem(503, "This takes longer than a request may. Try again with less at once.");
}

/** For groups that are open to everybody: nobody has a quota there. */
const free: Charge = () => Promise.resolve();

/**
 * Makes `serve`, which turns a group's table and its implementations into a Lambda handler.
 * The stack reads top to bottom as the life of a request; `errors` and `headers` run on the way out.
 *
 * @param verify finds the user of an access token; only asked for endpoints that are not public
 * @param spend takes from a user's quotas what a call costs
 */
export const createServe =
  (verify: Authenticate, spend: Charge = free) =>
  <G extends Group>(group: G, implementations: Implementations<G>): HttpHandler => {
    const table: Readonly<Record<string, (request: never) => unknown>> = implementations;

    const callImplementation = async (event: HttpEvent, lambda: Context): Promise<HttpResult> => {
      const { name, actor, input } = event.context;
      const implementation = table[name] as (request: Request<Endpoint>) => Outcome | Promise<Outcome>;
      const request = { ...input, meta: toMeta(event, lambda), ...(actor && { actor }) };
      return respond(event, await implementation(request as Request<Endpoint>));
    };

    const handler = middy<HttpEvent, HttpResult, Error, Context>({
      timeoutEarlyInMillis: TIMEOUT_RESERVE_MS,
      timeoutEarlyResponse: timedOut,
    })
      .use(logging())
      .use(headers())
      .use(errors())
      .use(route(group))
      .use(authenticate(verify))
      .use(access())
      .use(parse())
      .use(validate())
      .use(charge(spend))
      .handler(callImplementation);

    // `route` gives the gateway's event its context before anybody asks for it.
    return (event, lambda) => handler(event as HttpEvent, lambda);
  };
