import type { Access, Endpoint, KeyActor } from "@success-manager/contract/dsl/endpoint";
import type { Group } from "@success-manager/contract/dsl/group";
import { forbidden } from "@success-manager/contract/problem";
import type { Role } from "@success-manager/contract/vocabulary";
import type { Middleware } from "./context.ts";

const ROLES: Readonly<Record<Exclude<Access, "public">, readonly Role[]>> = {
  member: ["viewer", "manager", "admin"],
  manager: ["manager", "admin"],
  admin: ["admin"],
};

const AUDIENCE = {
  member: "signed-in users",
  manager: "managers and admins",
  admin: "admins",
} as const;

/** @throws 403 for what only people may do, for a scope that the key does not have, or for too few customers */
function checkKey({ scopes, customers }: KeyActor, endpoint: Endpoint, group: string) {
  const { access: needed, people, method, sees } = endpoint;
  if (people || needed === "admin") throw forbidden("API keys may not do this. Sign in.");
  const scope = `${group}:${method === "GET" ? "read" : "write"}`;
  if (!scopes.some((one) => one === scope)) throw forbidden(`This API key lacks the scope ${scope}.`);
  if (sees === "all" && customers)
    throw forbidden("This is about all customers, and this API key sees some of them.");
}

const SECOND_FACTOR_FIRST =
  "Your team asks for a second factor. Set one up first: POST /api/v1/account/2fa/setup, then POST /api/v1/account/2fa/enable.";

/**
 * Refuses callers whose role is too low, whose key may not, who lack a second factor or see too few customers, before
 * their input is looked at.
 */
export const access = ({ name }: Pick<Group, "name">): Middleware => ({
  before: ({ event: { context } }) => {
    const { access: needed, beforeSecondFactor } = context.endpoint;
    if (needed === "public") return;
    if (context.actor?.kind === "key") {
      checkKey(context.actor, context.endpoint, name);
      return;
    }
    if (!context.actor || !ROLES[needed].includes(context.actor.role))
      throw forbidden(`Only ${AUDIENCE[needed]} may do this.`);
    if (context.actor.must_set_up_factor && !beforeSecondFactor) throw forbidden(SECOND_FACTOR_FIRST);
    if (context.endpoint.sees === "all" && context.actor.access !== "all")
      throw forbidden("This is about all customers, and you see some of them. Ask an admin.");
  },
});
