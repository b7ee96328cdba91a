import { ArnFormat, type Stack } from "aws-cdk-lib";
import { Effect, PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ConfigurationSet } from "aws-cdk-lib/aws-ses";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { avatarFiles, type Data, logoFiles, reportFiles, snapshotObjects } from "./data.ts";
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
    avatars = false,
    snapshots,
    keys = [],
    asksProvider = false,
    rotates = false,
    starts = [],
    mails = false,
    brands = false,
    watches = false,
    trail,
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
    ...(items.length > 0 && !partitions
      ? denyTrail(
          table.tableArn,
          queries.filter((index) => index !== "table").map((index) => `${table.tableArn}/index/${index}`),
          [...items, ...(queries.length > 0 ? ["Query"] : [])],
          trail,
        )
      : []),
    ...allow(
      "dynamodb",
      queries.length > 0 ? ["Query"] : [],
      queries.map((index) => (index === "table" ? table.tableArn : `${table.tableArn}/index/${index}`)),
      partitions && onlyOf(partitions),
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
    ...allow("s3", avatars ? ["GetObject", "PutObject", "DeleteObject"] : [], avatarFiles(stack, stage)),
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
    ...allow(
      "secretsmanager",
      asksProvider && stage.oidc?.clientSecretArn ? ["GetSecretValue"] : [],
      // An ARN may leave out the six characters that Secrets Manager has added to the name.
      stage.oidc?.clientSecretArn ? [stage.oidc.clientSecretArn] : [],
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
const FILE_ACTIONS = { read: "GetObject", write: "PutObject", delete: "DeleteObject" } as const;

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

/** First words of the keys of the audit trail, in the table and in its indexes. */
const TRAIL = ["audit", "audit_chain", "audit_actor"];
const WRITES = ["PutItem", "UpdateItem", "DeleteItem"];
/** What is personal of an entry, with the keys of its proofs (packages/domain/src/audit/erase.ts). */
const ERASABLE = ["pk", "sk", "personal", "personal_key", "actor_name", "actor_key"];

/**
 * The audit trail is append only: nobody updates or deletes an entry, whatever a function's code asks for, and one
 * function adds them. What it puts stands on the condition that nothing stands there; the chain tells when that is not
 * kept (packages/domain/src/audit/chain.ts). One function reads them. Entries end by the table's time to live.
 */
function denyTrail(
  tableArn: string,
  indexArns: string[],
  allowed: readonly string[],
  trail: Permission["trail"],
): PolicyStatement[] {
  const denied = {
    read: WRITES,
    append: WRITES.filter((action) => action !== "PutItem"),
    erase: WRITES.filter((action) => action !== "UpdateItem"),
    none: ITEM_ACTIONS,
  }[trail ?? "none"].filter((action) => allowed.includes(action));
  if (denied.length === 0) return [];
  const deny = (actions: readonly string[], conditions: Conditions = {}) =>
    new PolicyStatement({
      effect: Effect.DENY,
      actions: actions.map((action) => `dynamodb:${action}`),
      resources: trail ? [tableArn] : [tableArn, ...indexArns],
      conditions: { "ForAnyValue:StringLike": keysOf(TRAIL), ...conditions },
    });
  return [
    deny(denied),
    ...(trail === "erase"
      ? [deny(["UpdateItem"], { "ForAnyValue:StringNotEquals": { "dynamodb:Attributes": ERASABLE } })]
      : []),
  ];
}
