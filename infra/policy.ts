import { ArnFormat, type Stack } from "aws-cdk-lib";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ConfigurationSet } from "aws-cdk-lib/aws-ses";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { type Data, logoFiles, reportFiles, snapshotObjects } from "./data.ts";
import { mailResources } from "./mail.ts";
import { type FunctionName, type Permission, read, write } from "./permissions.ts";
import type { Stage } from "./stage.ts";

/** `api/health-scores` → `success-manager-prod-api-health-scores` */
export const physicalName = (stage: Stage, name: FunctionName) => stage.named(name.replace("/", "-"));

/** The alias of a function's version that is in use (infra/delivery.ts). */
export const LIVE = "live";

/** That version by name, for who may not refer to it: `success-manager-prod-jobs-health:live` */
export const liveName = (stage: Stage, name: FunctionName) => `${physicalName(stage, name)}:${LIVE}`;

/** Its ARN, put together from the name. */
export const liveArn = (stack: Stack, stage: Stage, name: FunctionName) =>
  stack.formatArn({
    service: "lambda",
    resource: "function",
    resourceName: liveName(stage, name),
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });

/** What functions share. */
export interface Shared {
  readonly data: Data;
  /** Where an event goes that nobody could handle. */
  readonly failures: IQueue;
  /** For all mails, when the stage sends any. */
  readonly rules: ConfigurationSet | undefined;
}

/** The IAM statements that a line of infra/permissions.ts stands for. Each names its resources. */
export function policy(
  stack: Stack,
  stage: Stage,
  {
    items = [],
    partitions,
    logins,
    queries = [],
    scans = false,
    files = [],
    logos,
    snapshots,
    keys = [],
    rotates = false,
    starts = [],
    mails = false,
    brands = false,
    watches = false,
  }: Permission,
  { data: { table, secrets }, failures, rules }: Shared,
): PolicyStatement[] {
  const sender = mails ? mailResources(stack, stage, rules) : [];
  return [
    ...allow("dynamodb", items, [table.tableArn], partitions && onlyOf(partitions)),
    // Whoever is called with API keys notes that they are used.
    ...allow(
      "dynamodb",
      keys.includes("access") && items.length > 0 && !items.includes("UpdateItem") ? ["UpdateItem"] : [],
      [table.tableArn],
      onlyOf(["api_key_use"]),
    ),
    ...allow("dynamodb", brands ? ["GetItem"] : [], [table.tableArn], onlyOf(["settings#branding"])),
    ...(items.length > 0 ? denyLogins(table.tableArn, logins) : []),
    ...allow(
      "dynamodb",
      queries.length > 0 ? ["Query"] : [],
      queries.map((index) => (index === "table" ? table.tableArn : `${table.tableArn}/index/${index}`)),
    ),
    ...allow("dynamodb", scans ? ["Scan"] : [], [table.tableArn]),
    ...allow(
      "s3",
      files.map((use) => FILE_ACTIONS[use]),
      [reportFiles(stack, stage)],
    ),
    ...allow("s3", logos ? (logos === "write" ? ["GetObject", "PutObject"] : ["GetObject"]) : [], [
      logoFiles(stack, stage),
    ]),
    ...allow(
      "s3",
      // Who writes one looks first at the one that is there.
      snapshots ? (snapshots === "write" ? ["GetObject", "PutObject"] : ["GetObject"]) : [],
      [snapshotObjects(stack, stage)],
    ),
    ...allow(
      "secretsmanager",
      [...(keys.length > 0 ? ["GetSecretValue"] : []), ...(rotates ? ROTATION_ACTIONS : [])],
      keys.map((use) => secrets[use].secretArn),
    ),
    ...allow("sqs", watches ? ["GetQueueAttributes"] : [], [failures.queueArn]),
    ...allow("ses", sender.length > 0 ? ["SendRawEmail"] : [], sender),
    ...allow(
      "lambda",
      starts.length > 0 ? ["InvokeFunction"] : [],
      // Put together from the name: by reference, a job that starts itself would wait for its own role.
      starts.map((job) => liveArn(stack, stage, job)),
    ),
  ];
}

/** A file that is read and is not there is "AccessDenied" to who may not list the bucket, which nobody needs to. */
const FILE_ACTIONS = { read: "GetObject", write: "PutObject" } as const;

/** What a rotation function does ("Lambda rotation function permissions" in the User Guide of Secrets Manager). */
const ROTATION_ACTIONS = ["DescribeSecret", "PutSecretValue", "UpdateSecretVersionStage"];

const allow = (
  service: string,
  actions: readonly string[],
  resources: string[],
  conditions: Conditions = {},
) =>
  actions.length === 0
    ? []
    : [
        new PolicyStatement({
          actions: actions.map((action) => `${service}:${action}`),
          resources,
          conditions,
        }),
      ];

type Conditions = Readonly<Record<string, Readonly<Record<string, readonly string[] | string>>>>;

/** Partition keys of items that begin with one of these words: `user` stands for `user` and `user#…`. */
const keysOf = (words: readonly string[]) => ({
  "dynamodb:LeadingKeys": words.flatMap((word) => [word, `${word}#*`]),
});
const onlyOf = (words: readonly string[]): Conditions => ({ "ForAllValues:StringLike": keysOf(words) });

const ITEM_ACTIONS = [...read, ...write, "Query"];
/** Whose an address is. A request that names no attributes asks for all of them. */
const OWNER = ["pk", "sk", "email_key", "user_id"];

/**
 * Log-ins hold hashes of passwords: a function that has no use for those can't read them, whatever it asks for
 * ("Using IAM policy conditions for fine-grained access control", DynamoDB Developer Guide).
 */
function denyLogins(tableArn: string, logins: Permission["logins"]): PolicyStatement[] {
  if (logins === "use") return [];
  const deny = (actions: readonly string[], conditions: Conditions = {}) =>
    new PolicyStatement({
      effect: Effect.DENY,
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: [tableArn],
      conditions: { "ForAnyValue:StringLike": keysOf(["login"]), ...conditions },
    });
  if (logins === undefined) return [deny(ITEM_ACTIONS)];
  return [
    deny(ITEM_ACTIONS.filter((action) => action !== "BatchGetItem")),
    deny(["BatchGetItem"], { "ForAnyValue:StringNotEquals": { "dynamodb:Attributes": OWNER } }),
    deny(["BatchGetItem"], { Null: { "dynamodb:Attributes": "true" } }),
  ];
}
