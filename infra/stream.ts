import { Duration, type Stack } from "aws-cdk-lib";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { Policy, PolicyStatement } from "aws-cdk-lib/aws-iam";
import { CfnEventSourceMapping, type Function as Lambda } from "aws-cdk-lib/aws-lambda";
import type { IQueue } from "aws-cdk-lib/aws-sqs";
import { suppressNag } from "./nag-suppressions.ts";
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
];

/**
 * Hands the table's changes to the function that counts them. A batch that fails comes again in halves, until the
 * one record is found that can't be counted; that one goes to the queue and does not stop the rest.
 */
export function rollupStream(
  stack: Stack,
  stage: Stage,
  lambda: Lambda,
  table: Table,
  failures: IQueue,
): void {
  const stream = table.tableStreamArn;
  if (stream === undefined) throw new Error(`the table of ${stage.name} has no stream`);
  const mapping = new CfnEventSourceMapping(stack, "RollupStream", {
    functionName: lambda.functionName,
    eventSourceArn: stream,
    startingPosition: "LATEST",
    batchSize: 100,
    // Counters of a day are one item: batches side by side would only get in each other's way.
    parallelizationFactor: 1,
    functionResponseTypes: ["ReportBatchItemFailures"],
    bisectBatchOnFunctionError: true,
    maximumRetryAttempts: 5,
    maximumRecordAgeInSeconds: Duration.hours(1).toSeconds(),
    destinationConfig: { onFailure: { destination: failures.queueArn } },
    filterCriteria: {
      filters: [
        {
          pattern: JSON.stringify({
            dynamodb: { Keys: { pk: { S: counted.map((prefix) => ({ prefix })) } } },
          }),
        },
      ],
    },
  });
  // Lambda tries out the permissions when the mapping is made.
  mapping.node.addDependency(permission(stack, lambda, stream, failures));
}

function permission(stack: Stack, lambda: Lambda, stream: string, failures: IQueue): Policy {
  const policy = new Policy(stack, "RollupStreamPolicy", {
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
