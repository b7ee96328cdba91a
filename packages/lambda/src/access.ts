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

/** @throws 403 for what only people may do, and for a scope that the key does not have */
function requireScope({ scopes }: KeyActor, { access: needed, people, method }: Endpoint, group: string) {
  if (people || needed === "admin") throw forbidden("API keys may not do this. Sign in.");
  const scope = `${group}:${method === "GET" ? "read" : "write"}`;
  if (!scopes.some((one) => one === scope)) throw forbidden(`This API key lacks the scope ${scope}.`);
}

/** Refuses callers whose role is too low, or whose key may not, before their input is looked at. */
export const access = ({ name }: Pick<Group, "name">): Middleware => ({
  before: ({ event: { context } }) => {
    const { access: needed } = context.endpoint;
    if (needed === "public") return;
    if (context.actor?.kind === "key") {
      requireScope(context.actor, context.endpoint, name);
      return;
    }
    if (!context.actor || !ROLES[needed].includes(context.actor.role))
      throw forbidden(`Only ${AUDIENCE[needed]} may do this.`);
  },
});
