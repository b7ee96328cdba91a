import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { unauthorized } from "@success-manager/contract/problem";
import type { Step } from "./exchange.ts";
import { logger } from "./telemetry.ts";

/** Turns an access token into the user who holds it, or throws 401 or 403. */
export type Authenticate = (token: string) => Promise<Actor>;

const BEARER = /^bearer +(\S+)$/i;

/** Finds out who calls. Public endpoints are not asked. */
export const authenticate = (check: Authenticate): Step => ({
  before: async ({ event }) => {
    if (event.exchange.endpoint.access === "public") return;
    const [, token] = BEARER.exec(event.headers.authorization ?? "") ?? [];
    if (!token) throw unauthorized("Sign in first: send the access token as a bearer token.");
    event.exchange.actor = await check(token);
    logger.appendKeys({ user_id: event.exchange.actor.id });
  },
});
