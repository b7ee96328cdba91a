import { ArnFormat, type Stack } from "aws-cdk-lib";
import { PolicyStatement } from "aws-cdk-lib/aws-iam";
import type { ConfigurationSet } from "aws-cdk-lib/aws-ses";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { type Data, reportFiles, snapshotObjects } from "./data.ts";
import { mailResources } from "./mail.ts";
import type { FunctionName, Permission } from "./permissions.ts";
import type { Stage } from "./stage.ts";

/** `api/health-scores` → `success-manager-prod-api-health-scores` */
export const physicalName = (stage: Stage, name: FunctionName) => stage.named(name.replace("/", "-"));

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
    queries = [],
    scans = false,
    files = [],
    snapshots,
    keys = [],
    starts = [],
    mails = false,
    watches = false,
  }: Permission,
  { data: { table, secrets }, failures, rules }: Shared,
): PolicyStatement[] {
  const sender = mails ? mailResources(stack, stage, rules) : [];
  return [
    ...allow("dynamodb", items, [table.tableArn]),
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
    ...allow(
      "s3",
      // Who writes one looks first at the one that is there.
      snapshots ? (snapshots === "write" ? ["GetObject", "PutObject"] : ["GetObject"]) : [],
      [snapshotObjects(stack, stage)],
    ),
    ...allow(
      "secretsmanager",
      keys.length > 0 ? ["GetSecretValue"] : [],
      keys.map((use) => secrets[use].secretArn),
    ),
    ...allow("sqs", watches ? ["GetQueueAttributes"] : [], [failures.queueArn]),
    ...allow("ses", sender.length > 0 ? ["SendRawEmail"] : [], sender),
    ...allow(
      "lambda",
      starts.length > 0 ? ["InvokeFunction"] : [],
      // Put together from the name: by reference, a job that starts itself would wait for its own role.
      starts.map((job) =>
        stack.formatArn({
          service: "lambda",
          resource: "function",
          resourceName: physicalName(stage, job),
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        }),
      ),
    ),
  ];
}

/** A file that is read and is not there is "AccessDenied" to who may not list the bucket, which nobody needs to. */
const FILE_ACTIONS = { read: "GetObject", write: "PutObject" } as const;

const allow = (service: string, actions: readonly string[], resources: string[]) =>
  actions.length === 0
    ? []
    : [new PolicyStatement({ actions: actions.map((action) => `${service}:${action}`), resources })];
