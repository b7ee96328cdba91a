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
const matches = (pattern: string, text: string) =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, "\\$&")
      .replaceAll("*", ".*")
      .replaceAll("?", ".")}$`,
    "s",
  ).test(text);

const nameOf = (resource: unknown) => /\/index\/(\w+)/.exec(JSON.stringify(resource))?.[1] ?? "table";

const OPERATORS: Readonly<
  Record<string, (values: readonly string[] | undefined, wanted: readonly string[]) => boolean>
> = {
  // True of no value at all, unlike the others (IAM User Guide, "Multivalued context keys").
  "ForAllValues:StringLike": (values = [], wanted) =>
    values.every((value) => wanted.some((pattern) => matches(pattern, value))),
  "ForAnyValue:StringLike": (values = [], wanted) =>
    values.some((value) => wanted.some((pattern) => matches(pattern, value))),
  "ForAnyValue:StringNotEquals": (values = [], wanted) => values.some((value) => !wanted.includes(value)),
  Null: (values, [wanted]) => (values === undefined) === (wanted === "true"),
};

/** Every operator, and of each every key, has to hold. */
function holds({ Condition: given }: Statement, { key, attributes }: Access): boolean {
  const context = {
    "dynamodb:LeadingKeys": key === undefined ? undefined : [key],
    "dynamodb:Attributes": attributes,
  };
  return Object.entries(Condition.parse(given ?? {})).every(([operator, keys]) =>
    Object.entries(keys).every(([name, wanted]) =>
      OPERATORS[operator]?.(context[ContextKey.parse(name)], list(wanted)),
    ),
  );
}

const concerns = (statement: Statement, access: Access) =>
  list(statement.Action).includes(`dynamodb:${access.action}`) &&
  list(statement.Resource).some((one: unknown) => nameOf(one) === access.resource) &&
  holds(statement, access);

let known: Map<string, readonly Statement[]> | undefined;

/** What the roles of the synthesized functions say, by the function's name. */
function statementsOf(functionName: string): readonly Statement[] {
  known ??= read();
  return known.get(functionName) ?? [];
}

function read(): Map<string, readonly Statement[]> {
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
      return [[data.FunctionName, own.flatMap(({ PolicyDocument }) => PolicyDocument.Statement)]];
    }),
  );
}

/** Those of these that the function's role does not allow, as IAM would decide. */
export function refusedBy(functionName: string, accesses: readonly Access[]): readonly Access[] {
  const statements = statementsOf(functionName);
  const decides = (effect: Statement["Effect"], access: Access) =>
    statements.some((statement) => statement.Effect === effect && concerns(statement, access));
  return accesses.filter((access) => decides("Deny", access) || !decides("Allow", access));
}
