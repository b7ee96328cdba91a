/** A route of an HTTP API: `GET /customers/{id}`, `ANY /{proxy+}` or `$default`, and what serves it. */
export type Route<T> = { readonly key: string; readonly target: T };

export type SelectedRoute<T> = {
  readonly route: Route<T>;
  /** Decoded. Undefined when the path of the route has none. */
  readonly parameters: Readonly<Record<string, string>> | undefined;
};

/** Chooses the route for a method and a path as sent (still percent-encoded, without query). */
export type RouteSelection<T> = (method: string, path: string) => SelectedRoute<T> | undefined;

/** How exact a segment of a route's path is; the lower, the earlier it is tried. */
const FIXED = 0;
const PARAMETER = 1;
const GREEDY = 2;

type Pattern<T> = {
  readonly route: Route<T>;
  readonly method: string;
  readonly expression: RegExp;
  readonly names: readonly string[];
  readonly ranks: readonly number[];
};

/**
 * Route selection of AWS HTTP APIs (Developer Guide, "Working with routes"): a full match wins over a
 * greedy `{proxy+}`, that over `$default`; in a full match fixed segments win over `{parameters}`; on the
 * same path the exact method wins over ANY. `/a` and `/a/` differ; `/a/{proxy+}` takes `/a/` too, other parameters
 * hold one character at least. The function throws a `URIError` for a path with a broken escape.
 */
export function createRouteSelection<T>(routes: readonly Route<T>[]): RouteSelection<T> {
  const fallback = routes.find(({ key }) => key === "$default");
  const patterns = routes
    .filter((route) => route !== fallback)
    .map(parseRoute)
    .sort(bySpecificity);

  return (method, path) => {
    // `%61` and `a` are the same, `%2F` does not separate.
    const normalized = path.split("/").map(decodeURIComponent).map(encodeURIComponent).join("/");
    for (const pattern of patterns) {
      if (pattern.method !== method && pattern.method !== "ANY") continue;
      const values = pattern.expression.exec(normalized);
      if (values !== null) return { route: pattern.route, parameters: parametersOf(pattern, values) };
    }
    return fallback && { route: fallback, parameters: undefined };
  };
}

function parseRoute<T>(route: Route<T>): Pattern<T> {
  const [method = "", path = ""] = route.key.split(" ");
  const segments = path.split("/").map((segment) => {
    const [, name, greedy] = /^\{([^+}]+)(\+?)\}$/.exec(segment) ?? [];
    if (name === undefined)
      return { rank: FIXED, source: encodeURIComponent(segment).replace(/[.*()]/g, "\\$&") };
    return greedy ? { rank: GREEDY, source: "(.*)", name } : { rank: PARAMETER, source: "([^/]+)", name };
  });
  return {
    route,
    method,
    expression: new RegExp(`^${segments.map(({ source }) => source).join("/")}$`),
    names: segments.flatMap(({ name }) => name ?? []),
    ranks: segments.map(({ rank }) => rank),
  };
}

/** Full matches first; then the more exact segment, from left to right; then the exact method. */
function bySpecificity<T>(a: Pattern<T>, b: Pattern<T>): number {
  return (
    Number(a.ranks.includes(GREEDY)) - Number(b.ranks.includes(GREEDY)) ||
    compareRanks(a.ranks, b.ranks) ||
    Number(a.method === "ANY") - Number(b.method === "ANY")
  );
}

/** A path and a longer one that begins with it never match the same request, but sorting needs an order of all. */
function compareRanks(a: readonly number[], b: readonly number[]): number {
  const index = a.findIndex((rank, position) => rank !== b[position]);
  return index < 0 ? a.length - b.length : (a[index] ?? 0) - (b[index] ?? -1);
}

function parametersOf<T>({ names }: Pattern<T>, [, ...values]: RegExpExecArray) {
  if (names.length === 0) return undefined;
  return Object.fromEntries(names.map((name, index) => [name, decodeURIComponent(values[index] ?? "")]));
}
