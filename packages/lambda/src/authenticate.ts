import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { unauthorized } from "@success-manager/contract/problem";
import type { Middleware } from "./context.ts";
import type { checkInput, ReadAhead } from "./input.ts";
import { logger } from "./telemetry.ts";

/**
 * Turns an access token into the user who holds it.
 *
 * @param ahead what else to read in the same request; asked once the token is known to be ours
 * @returns the user, and what was found, in the order in which it was asked for
 * @throws 401 when the token, its session or its user is not valid (any more); 403 when the user is deactivated
 */
export type Authenticate<Read = unknown> = (
  token: string,
  ahead: ReadAhead<Read>,
) => Promise<{ readonly actor: Actor; readonly found: readonly unknown[] }>;

const BEARER = /^bearer +(\S+)$/i;

/** Finds out who calls, before anything else is done for them. Public endpoints ask nobody. */
export const authenticate = <Read>(
  verify: Authenticate<Read>,
  { readAhead }: Pick<ReturnType<typeof checkInput<Read>>, "readAhead">,
): Middleware => ({
  before: async (request) => {
    const { context, headers } = request.event;
    if (context.endpoint.access === "public") return;
    const [, token] = BEARER.exec(headers.authorization ?? "") ?? [];
    if (!token) throw unauthorized("Sign in first: send the access token as a bearer token.");
    const { actor, found } = await verify(token, readAhead(request));
    Object.assign(context, { actor, found });
    logger.add({ user_id: actor.id });
  },
});
