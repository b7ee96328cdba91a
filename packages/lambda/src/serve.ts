import middy from "@middy/core";
import type { Endpoint, Reply, Request, RequestMeta } from "@success-manager/contract/dsl/endpoint";
import type { Group } from "@success-manager/contract/dsl/group";
import { Problem } from "@success-manager/contract/problem";
import type { APIGatewayProxyEventV2, Context } from "aws-lambda";
import { access } from "./access.ts";
import { type Authenticate, authenticate } from "./authenticate.ts";
import { errors } from "./errors.ts";
import type { HttpEvent, HttpResult, Outcome } from "./exchange.ts";
import { headers } from "./headers.ts";
import { observe } from "./observe.ts";
import { originOf } from "./origin.ts";
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

/** Answer in our own shape this long before Lambda would cut the request off. */
const TIMEOUT_RESERVE_MS = 500;

function timedOut(): never {
  throw new Problem(503, "This takes longer than a request may. Try again with less at once.");
}

/** `"7"`, `W/"7"` or 7; `*` asks for nothing. */
function ifMatchOf(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  const [, digits] = /^\s*(?:W\/)?"?(\d{1,15})"?\s*$/.exec(header) ?? [];
  if (!digits) {
    const msg = 'must be the ETag of an earlier answer, like "3"';
    throw new Problem(422, `If-Match: ${msg}`, {
      errors: [{ loc: ["header", "If-Match"], msg, type: "etag" }],
    });
  }
  return Number(digits);
}

/** Only endpoints that can answer 412 look at `If-Match`; to all others it means nothing. */
function metaOf({ requestContext, headers, exchange }: HttpEvent, context: Context): RequestMeta {
  const ifMatch = exchange.endpoint.errors?.includes(412) ? ifMatchOf(headers["if-match"]) : undefined;
  return {
    requestId: requestContext.requestId,
    sourceIp: requestContext.http.sourceIp,
    origin: originOf(requestContext.domainName),
    headers,
    remaining: () => context.getRemainingTimeInMillis() - TIMEOUT_RESERVE_MS,
    ...(ifMatch !== undefined && { ifMatch }),
  };
}

/**
 * Makes `serve`, which turns a group's table and its implementations into a Lambda handler.
 * The stack reads top to bottom as the life of a request; `errors` and `headers` run on the way out.
 *
 * @param check finds the user of an access token; only asked for endpoints that are not public
 */
export const service =
  (check: Authenticate) =>
  <G extends Group>(group: G, implementations: Implementations<G>): HttpHandler => {
    const table: Readonly<Record<string, (request: never) => unknown>> = implementations;

    const answer = async (event: HttpEvent, context: Context): Promise<HttpResult> => {
      const { name, actor, input } = event.exchange;
      const implementation = table[name] as (request: Request<Endpoint>) => Outcome | Promise<Outcome>;
      const request = { ...input, meta: metaOf(event, context), ...(actor && { actor }) };
      return respond(event, await implementation(request as Request<Endpoint>));
    };

    const handler = middy<HttpEvent, HttpResult, Error, Context>({
      timeoutEarlyInMillis: TIMEOUT_RESERVE_MS,
      timeoutEarlyResponse: timedOut,
    })
      .use(observe())
      .use(headers())
      .use(errors())
      .use(route(group))
      .use(authenticate(check))
      .use(access())
      .use(parse())
      .use(validate())
      .handler(answer);

    // `route` gives the gateway's event its exchange before anybody asks for it.
    return (event, context) => handler(event as HttpEvent, context);
  };
