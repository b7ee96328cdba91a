import type { Access } from "@success-manager/contract/dsl/endpoint";
import { forbidden } from "@success-manager/contract/problem";
import type { Role } from "@success-manager/contract/vocabulary";
import type { Step } from "./exchange.ts";

const ALLOWED: Readonly<Record<Exclude<Access, "public">, readonly Role[]>> = {
  member: ["viewer", "manager", "admin"],
  manager: ["manager", "admin"],
  admin: ["admin"],
};

const WHO = {
  member: "signed-in users",
  manager: "managers and admins",
  admin: "admins",
} as const;

/** Refuses callers whose role is too low, before their input is looked at. */
export const access = (): Step => ({
  before: ({ event: { exchange } }) => {
    const { access: needed } = exchange.endpoint;
    if (needed === "public") return;
    if (!exchange.actor || !ALLOWED[needed].includes(exchange.actor.role))
      throw forbidden(`Only ${WHO[needed]} may do this.`);
  },
});
