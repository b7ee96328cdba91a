import { readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { assembly } from "./synthesize.ts";

/** One item, or the partition of a query, that a function asks for. */
export interface Access {
  /** `GetItem`, `Query`, …; of a transaction that of the part. */
  readonly action: string;
  /** `table`, or the name of an index. */
  readonly resource: string;
  /** The partition key; unknown where there is none. */
  readonly key: string | undefined;
  /** Those that are asked for; undefined: all of them. */
  readonly attributes?: readonly string[] | undefined;
}

const Reference = z.object({ Ref: z.string() });
const ContextKey = z.enum(["dynamodb:LeadingKeys", "dynamodb:Attributes"]);
/** Operator, context key, values. An operator or key that is not evaluated here is no condition. */
const Condition = z.partialRecord(
  z.enum(["ForAllValues:StringLike", "ForAnyValue:StringLike", "ForAnyValue:StringNotEquals", "Null"]),
  z.partialRecord(ContextKey, z.union([z.string(), z.array(z.string())])),
);
const Statement = z.object({
  Effect: z.enum(["Allow", "Deny"]),
  Action: z.union([z.string(), z.array(z.string())]),
  Resource: z.unknown(),
  Condition: z.unknown().optional(),
});
type Statement = z.infer<typeof Statement>;

const Template = z.object({
  Resources: z.record(
    z.string(),
    z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
  ),
});
const FunctionProperties = z.object({
  FunctionName: z.string(),
  Role: z.object({ "Fn::GetAtt": z.tuple([z.string(), z.string()]) }),
});
const PolicyProperties = z.object({
  Roles: z.array(Reference),
  PolicyDocument: z.object({ Statement: z.array(Statement) }),
});

/** IAM writes a list of one as the one. */
const list = <T>(value: T | T[]): T[] => (Array.isArray(value) ? value : [value]);

/** `?` and `*` as IAM reads them in `StringLike`. */
const patternOf = (text: string) =>
  new RegExp(
    `^${text
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s",
  );

const nameOf = (resource: unknown) => /\/index\/(\w+)/.exec(JSON.stringify(resource))?.[1] ?? "table";

type Values = readonly string[] | undefined;

/** Of each operator: what a request's values must be for these. */
const OPERATORS: Readonly<Record<string, (wanted: readonly string[]) => (values: Values) => boolean>> = {
  // True of no value at all, unlike the others (IAM User Guide, "Multivalued context keys").
  "ForAllValues:StringLike": (wanted) => {
    const patterns = wanted.map(patternOf);
    return (values = []) => values.every((value) => patterns.some((pattern) => pattern.test(value)));
  },
  "ForAnyValue:StringLike": (wanted) => {
    const patterns = wanted.map(patternOf);
    return (values = []) => values.some((value) => patterns.some((pattern) => pattern.test(value)));
  },
  "ForAnyValue:StringNotEquals":
    (wanted) =>
    (values = []) =>
      values.some((value) => !wanted.includes(value)),
  Null:
    ([wanted]) =>
    (values) =>
      (values === undefined) === (wanted === "true"),
};

/** A statement, read once: every request is held to it. */
interface Rule {
  readonly effect: Statement["Effect"];
  readonly actions: ReadonlySet<string>;
  readonly resources: ReadonlySet<string>;
  /** Every operator, and of each every key, has to hold. */
  readonly conditions: readonly ((access: Access) => boolean)[];
}

function toRule({ Effect, Action, Resource, Condition: given }: Statement): Rule {
  return {
    effect: Effect,
    actions: new Set(list(Action)),
    resources: new Set(list(Resource).map(nameOf)),
    conditions: Object.entries(Condition.parse(given ?? {})).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([name, wanted]) => {
        const holds = OPERATORS[operator]?.(list(wanted));
        const key = ContextKey.parse(name);
        return (access: Access) => holds?.(contextOf(access)[key]) ?? false;
      }),
    ),
  };
}

const contextOf = ({ key, attributes }: Access): Readonly<Record<z.infer<typeof ContextKey>, Values>> => ({
  "dynamodb:LeadingKeys": key === undefined ? undefined : [key],
  "dynamodb:Attributes": attributes,
});

const concerns = ({ actions, resources, conditions }: Rule, access: Access) =>
  actions.has(`dynamodb:${access.action}`) &&
  resources.has(access.resource) &&
  conditions.every((holds) => holds(access));

let known: Map<string, readonly Rule[]> | undefined;

/** What the roles of the synthesized functions say, by the function's name. */
function rulesOf(functionName: string): readonly Rule[] {
  known ??= read();
  return known.get(functionName) ?? [];
}

function read(): Map<string, readonly Rule[]> {
  const file = join(assembly, "SuccessManagerService-local.template.json");
  const { Resources } = Template.parse(JSON.parse(readFileSync(file, "utf8")));
  const of = (type: string) => Object.values(Resources).filter(({ Type }) => Type === type);
  const policies = of("AWS::IAM::Policy").map(({ Properties }) => PolicyProperties.parse(Properties));
  return new Map(
    of("AWS::Lambda::Function").flatMap(({ Properties }) => {
      const { success, data } = FunctionProperties.safeParse(Properties);
      if (!success) return [];
      const [role] = data.Role["Fn::GetAtt"];
      const own = policies.filter(({ Roles }) => Roles.some(({ Ref }) => Ref === role));
      return [[data.FunctionName, own.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.map(toRule))]];
    }),
  );
}

/** Those of these that the function's role does not allow, as IAM would decide. */
export function refusedBy(functionName: string, accesses: readonly Access[]): readonly Access[] {
  const rules = rulesOf(functionName);
  const decides = (effect: Statement["Effect"], access: Access) =>
    rules.some((rule) => rule.effect === effect && concerns(rule, access));
  return accesses.filter((access) => decides("Deny", access) || !decides("Allow", access));
}
