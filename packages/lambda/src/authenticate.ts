import { type Actor, isAlike } from "@success-manager/contract/dsl/endpoint";
import { Problem, unauthorized } from "@success-manager/contract/problem";
import type { Step } from "./exchange.ts";
import { logger } from "./telemetry.ts";

/**
 * Turns an access token into the user who holds it. Throws 401 for a token that is none of ours; `caller` fails with
 * 401 or 403 when its session or user no longer stands.
 */
export type Authenticate = (token: string) => Promise<{ readonly caller: Promise<Actor> }>;

const BEARER = /^bearer +(\S+)$/i;

/**
 * Finds out who calls. Public endpoints are not asked. What all read alike goes on meanwhile: a signed token is enough
 * to begin, and nothing is answered before `serve` knows that its holder still stands.
 */
export const authenticate = (check: Authenticate): Step => ({
  before: async ({ event: { exchange, headers } }) => {
    if (exchange.endpoint.access === "public") return;
    const [, token] = BEARER.exec(headers.authorization ?? "") ?? [];
    if (!token) throw unauthorized("Sign in first: send the access token as a bearer token.");
    const { caller } = await check(token);
    exchange.caller = caller.then((actor) => {
      logger.appendKeys({ user_id: actor.id });
      return actor;
    });
    if (!isAlike(exchange.endpoint)) exchange.actor = await exchange.caller;
    // It is awaited later: until then, its failure is nobody's.
    else exchange.caller.catch(() => undefined);
  },
  // Who may not ask is told so, and not what was wrong with what was asked. A failure of ours tells nothing.
  onError: async (request) => {
    if (!(request.error instanceof Problem) || request.error.status >= 500) return;
    await request.event.exchange?.caller?.catch((error: Error) => {
      request.error = error;
    });
  },
});
