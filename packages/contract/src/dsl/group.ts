import type { Endpoint, Method } from "./endpoint.ts";

/** A table of endpoints that one Lambda serves. */
export interface Group<
  E extends Record<string, Endpoint> = Record<string, Endpoint>,
  N extends string = string,
> {
  readonly name: N;
  /** Absolute path that all endpoints start with; "" for the root. */
  readonly prefix: string;
  /** A sentence for the docs. */
  readonly about: string;
  readonly endpoints: E;
}

/** One line of the gateway's table: a method on an absolute path, and the endpoint that answers. */
export interface Route {
  readonly method: Method;
  /** `/api/v1/customers/{id}`, never with a trailing slash. */
  readonly path: string;
  /** `GET /api/v1/customers/{id}`: the name under which the gateway hands the request over. */
  readonly key: string;
  /** The endpoint's name in its group. */
  readonly name: string;
}

/**
 * Declares a group: `group("customers", "Companies that buy from us", { list: get("/", …) })`.
 * Its paths start with `/api/v1/<name>` unless `prefix` says otherwise.
 */
export const group = <const N extends string, const E extends Record<string, Endpoint>>(
  name: N,
  about: string,
  endpoints: E,
  prefix = `/api/v1/${name}`,
): Group<E, N> => ({ name, about, prefix, endpoints });

/** All routes of a group, aliases included, in the order of the table. */
export function routes(group: Group): Route[] {
  return Object.entries(group.endpoints).flatMap(([name, { method, path, alias = [] }]) =>
    [path, ...alias].map((relative) => {
      const absolute = `${group.prefix}${relative === "/" ? "" : relative}` || "/";
      return { method, path: absolute, key: `${method} ${absolute}`, name };
    }),
  );
}
