import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { unauthorized } from "@success-manager/contract/problem";
import type { Middleware } from "./context.ts";
import { type Idempotency, recordReads } from "./idempotency.ts";
import type { checkInput } from "./input.ts";
import { logger } from "./telemetry.ts";

/**
 * Turns an access token or an API key into who holds it.
 *
 * @param ahead what else to read in the same request; asked once the token is known to be ours, with its holder
 * (`callerOf`)
 * @returns who calls, and what was found, in the order in which it was asked for
 * @throws 401 when the token, its session or its user is not valid (any more); 403 when the user is deactivated
 */
export type Authenticate<Read = unknown> = (
  token: string,
  ahead: (caller: string) => Promise<readonly Read[]>,
) => Promise<{ readonly actor: Actor; readonly found: readonly unknown[] }>;

const BEARER = /^bearer +(\S+)$/i;

/** Finds out who calls, before anything else is done for them. Public endpoints ask nobody. */
export const authenticate = <Read>(
  verify: Authenticate<Read>,
  { readAhead }: Pick<ReturnType<typeof checkInput<Read>>, "readAhead">,
  remembered: Idempotency<Read>,
): Middleware => ({
  before: async (request) => {
    const { context, headers } = request.event;
    if (context.endpoint.access === "public") return;
    const [, token] = BEARER.exec(headers.authorization ?? "") ?? [];
    if (!token) throw unauthorized("Sign in first: send the access token as a bearer token.");
    let records = 0;
    const { actor, found } = await verify(token, async (caller) => {
      const record = recordReads(remembered, request.event, caller);
      records = record.length;
      return [...(await readAhead(request)()), ...record];
    });
    if (context.keyed && records > 0) context.keyed.record = found.at(-1);
    Object.assign(context, { actor, found: found.slice(0, found.length - records) });
    logger.add(actor.kind === "key" ? { api_key_id: actor.id } : { user_id: actor.id });
  },
});
