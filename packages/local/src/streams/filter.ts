type Matcher = (value: unknown) => boolean;

/**
 * What an event source mapping's FilterCriteria let through: records that match at least one pattern, or all when
 * there is none. Of EventBridge's patterns it knows nested objects, equality, `prefix` and `exists`; anything else
 * throws what `refuse` makes of the problem.
 */
export function createFilter(
  patterns: readonly string[],
  refuse: (problem: string) => Error,
): (record: unknown) => boolean {
  if (patterns.length === 0) return () => true;
  const matchers = patterns.map((pattern) => toMatcher(JSON.parse(pattern), refuse));
  return (record) => matchers.some((matches) => matches(record));
}

function toMatcher(pattern: unknown, refuse: (problem: string) => Error): Matcher {
  if (Array.isArray(pattern)) {
    const rules = pattern.map((rule) => toRuleMatcher(rule, refuse));
    return (value) => rules.some((matches) => matches(value));
  }
  if (!isRecord(pattern)) throw refuse(`a filter has ${JSON.stringify(pattern)} where a list belongs`);
  const fields = Object.entries(pattern).map(([name, inner]): [string, Matcher] => {
    if (name.startsWith("$")) throw refuse(`a filter uses ${name}, which the local cloud does not know`);
    return [name, toMatcher(inner, refuse)];
  });
  return (value) => fields.every(([name, matches]) => matches(isRecord(value) ? value[name] : undefined));
}

function toRuleMatcher(rule: unknown, refuse: (problem: string) => Error): Matcher {
  if (!isRecord(rule)) return anyElement((value) => value === rule);
  const [[name, expected] = [], ...others] = Object.entries(rule);
  if (others.length === 0 && name === "prefix" && typeof expected === "string")
    return anyElement((value) => typeof value === "string" && value.startsWith(expected));
  if (others.length === 0 && name === "exists" && typeof expected === "boolean")
    // Only the ends of branches exist, as EventBridge sees it.
    return (value) => (value !== undefined && !isRecord(value)) === expected;
  throw refuse(`a filter uses ${JSON.stringify(rule)}, which the local cloud does not know`);
}

/** A list matches when one of its elements does. */
const anyElement =
  (matches: Matcher): Matcher =>
  (value) =>
    Array.isArray(value) ? value.some(matches) : matches(value);

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
