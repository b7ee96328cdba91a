import { CustomerStatus } from "@success-manager/contract/vocabulary";
import type { Stack } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Policy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnEventSourceMapping, type Function as Lambda } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { live } from "./delivery.ts";
import type { Functions } from "./functions.ts";
import { suppressNag } from "./nag-suppressions.ts";
import type { FunctionName } from "./permissions.ts";
import type { Stage } from "./stage.ts";

/** Keys of the items that are counted begin with one of these; changes of all others cost no invocation. */
const counted = [
  "interaction#",
  "survey#",
  "survey_link#",
  "alert#",
  "scores#",
  "ticket#",
  "report#",
  "report_schedule#",
  // Counts for nothing: it tells how far behind the stream is.
  "stream_probe#",
];

/** And of those that are not counted, what the audit trail is about (packages/domain/src/audit/entry.ts). */
const audited = [
  "api_key#",
  "customer#",
  "deployment#",
  "failed_sign_ins#",
  "job_lock#",
  "login#",
  "score_backtest#",
  "score_definition#",
  "score_override#",
  "outcome#",
  "renewal#",
  "session#",
  "settings#",
  "suppression#",
  "ticket_comments#",
  "user#",
];

/** Which changes of the table a function is invoked for: those that match one of the patterns. */
interface Following {
  readonly id: string;
  readonly lambda: Lambda;
  /** How many records it is given at once, at most. */
  readonly batchSize: number;
  readonly patterns: readonly object[];
}

const CHURNED = ["churned"];
const OTHERS = CustomerStatus.options.filter((status) => !CHURNED.includes(status));

/** A change of a customer's status from one of some to one of others. */
const moved = (from: readonly string[], to: readonly string[]) => ({
  eventName: ["MODIFY"],
  dynamodb: {
    Keys: { pk: { S: [{ prefix: "customer#" }] } },
    OldImage: { status: { S: from } },
    NewImage: { status: { S: to } },
  },
});

/** Lambda's word for: as long as the stream has it ("Lambda parameters for Amazon DynamoDB event source mappings"). */
const NO_LIMIT = -1;

/**
 * Hands the table's changes to the functions that follow them. A batch that fails comes again, in halves, until it is
 * handled or the stream has forgotten it, after 24 hours: an outage that is shorter loses nothing. A record that can't
 * be handled at all the function puts into the queue by itself, with its content (packages/lambda/src/stream.ts). What
 * Lambda puts there names what the stream has forgotten.
 */
export function tableStream(
  stack: Stack,
  stage: Stage,
  lambdas: Functions,
  table: Table,
  failures: IQueue,
): void {
  const stream = table.tableStreamArn;
  if (stream === undefined) throw new Error(`the table of ${stage.name} has no stream`);
  const functionOf = (name: FunctionName) => {
    const lambda = lambdas.get(name);
    if (lambda === undefined) throw new Error(`${name} is not deployed`);
    return lambda;
  };
  const all: Following[] = [
    {
      id: "Rollup",
      lambda: functionOf("streams/rollups"),
      // A transaction counts some 50 records: of a large batch all transactions but the last are full.
      batchSize: 500,
      patterns: [
        { dynamodb: { Keys: { pk: { S: [...counted, ...audited].map((prefix) => ({ prefix })) } } } },
      ],
    },
    {
      id: "Notification",
      lambda: functionOf("streams/notifications"),
      batchSize: 100,
      patterns: [
        // New alerts alone: a changed one is no news.
        { eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix: "alert#" }] } } } },
        // Mails to people about their accounts.
        { eventName: ["INSERT"], dynamodb: { Keys: { pk: { S: [{ prefix: "account_mail#" }] } } } },
        // Customers who leave, and those who return.
        moved(OTHERS, CHURNED),
        moved(CHURNED, OTHERS),
      ],
    },
  ];
  for (const { id, lambda, batchSize, patterns } of all) {
    const mapping = new CfnEventSourceMapping(stack, `${id}Stream`, {
      functionName: live(lambda).functionArn,
      eventSourceArn: stream,
      // A table that takes over brings its counters along, and its stream was turned on when all was in: everything in
      // there is new. The first table's position stays as it was, for another one would make the mapping anew.
      startingPosition: stage.tableGeneration === 1 ? "LATEST" : "TRIM_HORIZON",
      // A window is a second at least, which is how far behind all counters would be then.
      batchSize,
      // Counters of a day are one item: batches side by side would only get in each other's way.
      parallelizationFactor: 1,
      functionResponseTypes: ["ReportBatchItemFailures"],
      bisectBatchOnFunctionError: true,
      maximumRetryAttempts: NO_LIMIT,
      maximumRecordAgeInSeconds: NO_LIMIT,
      destinationConfig: { onFailure: { destination: failures.queueArn } },
      filterCriteria: { filters: patterns.map((pattern) => ({ pattern: JSON.stringify(pattern) })) },
    });
    // Lambda tries out the permissions when the mapping is made.
    mapping.node.addDependency(permission(stack, id, lambda, stream, failures));
  }
}

function permission(stack: Stack, id: string, lambda: Lambda, stream: string, failures: IQueue): Policy {
  const policy = new Policy(stack, `${id}StreamPolicy`, {
    statements: [
      new PolicyStatement({
        actions: ["dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator"],
        resources: [stream],
      }),
      new PolicyStatement({ actions: ["dynamodb:ListStreams"], resources: ["*"] }),
      new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [failures.queueArn] }),
    ],
  });
  if (lambda.role === undefined) throw new Error(`${lambda.node.id} has no role`);
  policy.attachToRole(lambda.role);
  suppressNag(
    policy,
    "AwsSolutions-IAM5[Resource::*]",
    "DynamoDB's ListStreams, which Lambda needs to find the shards, knows no resources; everything else in this policy names one.",
  );
  return policy;
}
