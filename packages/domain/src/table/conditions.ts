import type { AttributeTest, Filter } from "./read.ts";

/** Conditions of a list, each for the database and for rows in memory alike. `equals` is one too (`read.ts`). */

type Condition = Exclude<Filter[number], false>;

/** That an attribute is there. */
export const exists = (field: string): Condition => [
  `attribute_exists(#${field})`,
  {},
  [{ field, passes: (value) => value !== undefined }],
];

/** That an attribute is missing. */
export const missing = (field: string): Condition => [
  `attribute_not_exists(#${field})`,
  {},
  [{ field, passes: (value) => value === undefined }],
];

/** That a text holds another, byte by byte. */
export const contains = (field: string, text: string): Condition => [
  `contains(#${field}, :${field}_part)`,
  { [`:${field}_part`]: text },
  [{ field, passes: (value) => typeof value === "string" && value.includes(text) }],
];

/** That a value is one of a few; at most 100 (quotas of DynamoDB). */
export function oneOf(field: string, values: readonly string[]): Condition {
  const named = Object.fromEntries(values.map((value, n) => [`:${field}${n}` as const, value]));
  return [
    `#${field} IN (${Object.keys(named).join(", ")})`,
    named,
    [{ field, passes: (value) => typeof value === "string" && values.includes(value) }],
  ];
}

const COMPARISONS = {
  "<": (a: string | number, b: string | number) => a < b,
  "<=": (a: string | number, b: string | number) => a <= b,
  ">": (a: string | number, b: string | number) => a > b,
  ">=": (a: string | number, b: string | number) => a >= b,
  "<>": (a: string | number, b: string | number) => a !== b,
} as const;
const PLACEHOLDERS = { "<": "lt", "<=": "le", ">": "gt", ">=": "ge", "<>": "ne" } as const;

/**
 * How a value compares with another of its kind; texts by code unit, as instants and dates do. A missing attribute
 * meets `<>` alone.
 */
export function compares(
  field: string,
  operator: keyof typeof COMPARISONS,
  limit: string | number,
): Condition {
  const name = `:${field}_${PLACEHOLDERS[operator]}` as const;
  const passes = (value: unknown) =>
    typeof value === "string" || typeof value === "number"
      ? COMPARISONS[operator](value, limit)
      : operator === "<>";
  return [`#${field} ${operator} ${name}`, { [name]: limit }, [{ field, passes }]];
}

/** That one of these conditions holds. */
export const either = (...conditions: readonly Condition[]): Condition => [
  `(${conditions.map(([expression]) => expression).join(" OR ")})`,
  Object.assign({}, ...conditions.map(([, values]) => values)),
  conditions.flatMap(testsOfCondition),
];

/** @throws for a condition that only the database knows, which is our mistake */
function testsOfCondition([expression, , tests]: Condition): readonly AttributeTest[] {
  if (!tests) throw new Error(`${expression} can't be looked at in memory`);
  return tests;
}

/** What rows in memory must meet: of each of these one test. @throws as `either` */
export const testsOf = (filter: Filter): readonly (readonly AttributeTest[])[] =>
  filter.filter((one) => one !== false).map(testsOfCondition);

/** Whether rows in memory can be looked at: whether no condition is one that only the database knows. */
export const isTestable = (filter: Filter): boolean => filter.every((one) => one === false || one[2]);

/** Whether a row passes. */
export const passes = (
  row: Readonly<Record<string, unknown>>,
  tests: readonly (readonly AttributeTest[])[],
): boolean => tests.every((some) => some.some((test) => test.passes(row[test.field] ?? undefined)));
