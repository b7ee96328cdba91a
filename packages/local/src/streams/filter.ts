type Matcher = (value: unknown) => boolean;

/**
 * What a mapping's FilterCriteria let through: changes that fit one pattern at least, or all when there is none.
 * Of EventBridge's patterns it knows nested objects, equality, `prefix` and `exists`; anything else throws what
 * `refuse` makes of the problem.
 */
export function filterOf(
  patterns: readonly string[],
  refuse: (problem: string) => Error,
): (change: unknown) => boolean {
  if (patterns.length === 0) return () => true;
  const matchers = patterns.map((pattern) => matcherOf(JSON.parse(pattern), refuse));
  return (change) => matchers.some((fits) => fits(change));
}

function matcherOf(pattern: unknown, refuse: (problem: string) => Error): Matcher {
  if (Array.isArray(pattern)) {
    const rules = pattern.map((rule) => ruleOf(rule, refuse));
    return (value) => rules.some((fits) => fits(value));
  }
  if (!isRecord(pattern)) throw refuse(`a filter has ${JSON.stringify(pattern)} where a list belongs`);
  const fields = Object.entries(pattern).map(([name, inner]): [string, Matcher] => {
    if (name.startsWith("$")) throw refuse(`a filter uses ${name}, which the local cloud does not know`);
    return [name, matcherOf(inner, refuse)];
  });
  return (value) => fields.every(([name, fits]) => fits(isRecord(value) ? value[name] : undefined));
}

function ruleOf(rule: unknown, refuse: (problem: string) => Error): Matcher {
  if (!isRecord(rule)) return ofOne((value) => value === rule);
  const [[name, wanted] = [], ...others] = Object.entries(rule);
  if (others.length === 0 && name === "prefix" && typeof wanted === "string")
    return ofOne((value) => typeof value === "string" && value.startsWith(wanted));
  if (others.length === 0 && name === "exists" && typeof wanted === "boolean")
    // Only the ends of branches exist, as EventBridge sees it.
    return (value) => (value !== undefined && !isRecord(value)) === wanted;
  throw refuse(`a filter uses ${JSON.stringify(rule)}, which the local cloud does not know`);
}

/** A list fits when one of its elements does. */
const ofOne =
  (fits: Matcher): Matcher =>
  (value) =>
    Array.isArray(value) ? value.some(fits) : fits(value);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
