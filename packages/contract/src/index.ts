import { auth } from "./auth.ts";
import { customers } from "./customers.ts";
import { deployments } from "./deployments.ts";
import { docs } from "./docs.ts";
import { healthScores } from "./health-scores.ts";
import { users } from "./users.ts";

/** Every group that the API serves, in the order of the docs. A new group is added here and nowhere else. */
export const groups = [auth, users, customers, deployments, healthScores, docs] as const;

export { client } from "./client.ts";
export { success } from "./dsl/endpoint.ts";
export { type Group, type Route, routes } from "./dsl/group.ts";
