import { type Group, type Route, routes } from "@success-manager/contract/dsl/group";
import { notFound, Problem } from "@success-manager/contract/problem";
import type { HttpContext, HttpEvent, Middleware } from "./context.ts";

interface CompiledRoute extends Route {
  readonly pattern: RegExp;
}

const patternOf = (path: string) =>
  new RegExp(`^${path.replace(/[.]/g, "\\.").replace(/\{(\w+)\}/g, "(?<$1>[^/]+)")}$`);

/** Static paths before those with parameters, as the gateway orders them. */
const staticFirst = (a: Route, b: Route) => Number(a.path.includes("{")) - Number(b.path.includes("{"));

/**
 * Finds the endpoint that a request is for.
 *
 * The gateway names it for every route of the contract. What the gateway can't name reaches the group's
 * catch-all: the other spelling of the trailing slash, HEAD, and calls that must end in 404 or 405. The gateway has
 * decoded its path already.
 */
export function route(group: Group): Middleware {
  const table: CompiledRoute[] = routes(group).map((entry) => ({ ...entry, pattern: patternOf(entry.path) }));
  const byKey = new Map(table.map((entry) => [entry.key, entry]));
  const bySpecificity = table.toSorted(staticFirst);

  const contextFor = ({ name }: Route, params: HttpContext["params"]): HttpContext => {
    const endpoint = group.endpoints[name];
    if (!endpoint) throw notFound("Page");
    return { endpoint, name, params, errors: [], input: {} };
  };

  const findByPath = (event: HttpEvent): HttpContext => {
    const { method } = event.requestContext.http;
    const wanted = method === "HEAD" ? "GET" : method;
    const path = event.rawPath.replace(/(?<=.)\/$/, "");
    const onPath = bySpecificity.filter(({ pattern }) => pattern.test(path));
    const found = onPath.find((entry) => entry.method === wanted);
    if (found) {
      return contextFor(found, { ...found.pattern.exec(path)?.groups });
    }
    if (onPath.length === 0) throw notFound("Page");
    const allowed = new Set(
      onPath.flatMap((entry) => (entry.method === "GET" ? ["GET", "HEAD"] : [entry.method])),
    );
    const allow = [...allowed].sort().join(", ");
    throw new Problem(405, `${method} is not possible here. Use ${allow}.`, { headers: { allow } });
  };

  return {
    before: ({ event }) => {
      const named = byKey.get(event.routeKey);
      event.context = named ? contextFor(named, event.pathParameters ?? {}) : findByPath(event);
    },
  };
}
