/** A route of an HTTP API: `GET /customers/{id}`, `ANY /{proxy+}` or `$default`, and what serves it. */
export type Route<T> = { readonly key: string; readonly target: T };

export type Selected<T> = {
  readonly route: Route<T>;
  readonly parameters: Readonly<Record<string, string>> | undefined;
};

/** Chooses the route for a method and a path as sent (still percent-encoded, without query). */
export type RouteSelection<T> = (method: string, path: string) => Selected<T> | undefined;

/** One level of paths; `ends` are the routes whose path ends here, by method. */
type Node<T> = {
  readonly fixed: Map<string, Node<T>>;
  any: Node<T> | undefined;
  readonly ends: Map<string, Entry<T>>;
  readonly greedy: Map<string, Entry<T>>;
};
type Entry<T> = { readonly route: Route<T>; readonly names: readonly string[] };

/**
 * Route selection of AWS HTTP APIs (Developer Guide, "Working with routes"): a full match wins over a
 * greedy `{proxy+}`, that over `$default`; in a full match fixed segments win over `{parameters}`; on the
 * same path the exact method wins over ANY. `/a` and `/a/` differ; `/a/{proxy+}` takes `/a/` too, other parameters
 * hold one character at least.
 */
export function createRouteSelection<T>(routes: readonly Route<T>[]): RouteSelection<T> {
  const root = emptyNode<T>();
  let fallback: Route<T> | undefined;
  for (const route of routes) {
    if (route.key === "$default") fallback = route;
    else insert(root, route);
  }
  const whenNothingMatches = fallback === undefined ? undefined : { route: fallback, parameters: undefined };

  return (method, path) => {
    const segments = path.split("/").slice(1).map(decodeURIComponent);
    const found = findFull(root, segments, 0, method) ?? findGreedy(root, segments, 0, method);
    return found === undefined ? whenNothingMatches : selected(found, segments);
  };
}

type Found<T> = {
  readonly entry: Entry<T>;
  readonly positions: readonly number[];
  readonly greedyFrom?: number;
};

function selected<T>({ entry, positions, greedyFrom }: Found<T>, segments: readonly string[]): Selected<T> {
  if (entry.names.length === 0) return { route: entry.route, parameters: undefined };
  const parameters: Record<string, string> = {};
  entry.names.forEach((name, index) => {
    const position = positions[index];
    parameters[name] =
      position === undefined ? segments.slice(greedyFrom).join("/") : (segments[position] ?? "");
  });
  return { route: entry.route, parameters };
}

function findFull<T>(
  node: Node<T>,
  segments: readonly string[],
  depth: number,
  method: string,
): Found<T> | undefined {
  const segment = segments[depth];
  if (segment === undefined) {
    const entry = node.ends.get(method) ?? node.ends.get("ANY");
    return entry && { entry, positions: [] };
  }
  const next = node.fixed.get(segment);
  const fixed = next && findFull(next, segments, depth + 1, method);
  if (fixed !== undefined || node.any === undefined || segment === "") return fixed;
  const found = findFull(node.any, segments, depth + 1, method);
  return found && { entry: found.entry, positions: [depth, ...found.positions] };
}

function findGreedy<T>(
  node: Node<T>,
  segments: readonly string[],
  depth: number,
  method: string,
): Found<T> | undefined {
  const segment = segments[depth];
  if (segment === undefined) return undefined;
  const next = node.fixed.get(segment);
  const deeper = next && findGreedy(next, segments, depth + 1, method);
  if (deeper !== undefined) return deeper;
  if (node.any !== undefined && segment !== "") {
    const found = findGreedy(node.any, segments, depth + 1, method);
    if (found !== undefined) return { ...found, positions: [depth, ...found.positions] };
  }
  const entry = node.greedy.get(method) ?? node.greedy.get("ANY");
  return entry && { entry, positions: [], greedyFrom: depth };
}

function insert<T>(root: Node<T>, route: Route<T>): void {
  const [method = "", path = ""] = route.key.split(" ");
  const names: string[] = [];
  let node = root;
  for (const segment of path.split("/").slice(1)) {
    const parameter = /^\{([^+}]+)(\+?)\}$/.exec(segment);
    if (parameter?.[1] !== undefined) names.push(parameter[1]);
    if (parameter?.[2] === "+") {
      node.greedy.set(method, { route, names });
      return;
    }
    node = parameter === null ? fixedChild(node, segment) : anyChild(node);
  }
  node.ends.set(method, { route, names });
}

function fixedChild<T>(node: Node<T>, segment: string): Node<T> {
  const present = node.fixed.get(segment);
  if (present !== undefined) return present;
  const fresh = emptyNode<T>();
  node.fixed.set(segment, fresh);
  return fresh;
}

function anyChild<T>(node: Node<T>): Node<T> {
  node.any ??= emptyNode<T>();
  return node.any;
}

function emptyNode<T>(): Node<T> {
  return { fixed: new Map(), any: undefined, ends: new Map(), greedy: new Map() };
}
