import type { Endpoint } from "../dsl/endpoint.ts";
import { type Group, type Route, routes } from "../dsl/group.ts";

/** A route with its group and endpoint: one operation of the OpenAPI document. */
export interface Operation {
  readonly group: Group;
  readonly route: Route;
  readonly endpoint: Endpoint;
}

export const operationsOf = (group: Group): Operation[] =>
  routes(group).flatMap((route) => {
    const endpoint = group.endpoints[route.name];
    return endpoint ? [{ group, route, endpoint }] : [];
  });

/** Names of the parameters in a route's path, in their order. */
export const pathParams = ({ path }: Route): string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].flatMap(([, name]) => (name ? [name] : []));
