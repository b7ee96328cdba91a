import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { unauthorized } from "@success-manager/contract/problem";
import type { Middleware } from "./context.ts";
import { logger } from "./telemetry.ts";

/**
 * Turns an access token into the user who holds it.
 *
 * @throws 401 when the token, its session or its user is not valid (any more); 403 when the user is deactivated
 */
export type Authenticate = (token: string) => Promise<Actor>;

const BEARER = /^bearer +(\S+)$/i;

/** Finds out who calls, before anything else is done for them. Public endpoints ask nobody. */
export const authenticate = (verify: Authenticate): Middleware => ({
  before: async ({ event: { context, headers } }) => {
    if (context.endpoint.access === "public") return;
    const [, token] = BEARER.exec(headers.authorization ?? "") ?? [];
    if (!token) throw unauthorized("Sign in first: send the access token as a bearer token.");
    context.actor = await verify(token);
    logger.appendKeys({ user_id: context.actor.id });
  },
});
