import { jobs } from "@success-manager/contract/jobs";
import { Duration, type Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { Key } from "aws-cdk-lib/aws-kms";
import { CfnPermission } from "aws-cdk-lib/aws-lambda";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import { CfnRotationSchedule } from "aws-cdk-lib/aws-secretsmanager";
import { CfnQueue, type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import type { Data } from "./data.ts";
import { live } from "./delivery.ts";
import type { Functions } from "./functions.ts";
import { useKey } from "./keys.ts";
import { suppressNag } from "./nag-suppressions.ts";
import type { Stage } from "./stage.ts";

/** The last part of the queue's name. */
export const DEAD_LETTERS = "dead-letters";

/**
 * Where an event ends that no job could handle, and a change of the table that could not be counted, for 14 days: the
 * longest that SQS keeps anything.
 */
export function deadLetters(stack: Stack, stage: Stage, key: Key | undefined): Queue {
  const queue = new Queue(stack, "DeadLetters", {
    queueName: stage.named(DEAD_LETTERS),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  // Below what CDK knows of a key, which gives everybody who sends `kms:GenerateDataKey*`; who may, is in infra/keys.ts.
  if (key && queue.node.defaultChild instanceof CfnQueue) {
    queue.node.defaultChild.sqsManagedSseEnabled = undefined;
    queue.node.defaultChild.kmsMasterKeyId = key.keyArn;
  }
  suppressNag(
    queue,
    "AwsSolutions-SQS3",
    "This is the dead-letter queue, of schedules, of asynchronous invocations and of the table's stream.",
  );
  return queue;
}

/**
 * Five fields of cron as AWS's six (minutes, hours, day, month, weekday, year), where one of the days has to be `?`
 * and weekdays count from 1 (EventBridge Scheduler User Guide, "Cron-based schedules").
 *
 * Throws for a cron that AWS can't express, or that it would read differently.
 */
export function awsCron(cron: string): string {
  const [minute, hour, day, month, weekday, ...rest] = cron.split(" ");
  if (weekday === undefined || rest.length > 0) throw new Error(`${cron}: a job's cron has five fields`);
  if (weekday === "*") return `cron(${minute} ${hour} ${day} ${month} ? *)`;
  if (day !== "*") throw new Error(`${cron}: AWS takes a day of the month or of the week, not both`);
  if (/\d/.test(weekday)) throw new Error(`${cron}: write weekdays by name, AWS counts them differently`);
  return `cron(${minute} ${hour} ? ${month} ${weekday} *)`;
}

/** One schedule for each job. The event's own time is the job's now, so that any day can be played again. */
export function schedules(
  stack: Stack,
  stage: Stage,
  lambdas: Functions,
  failures: IQueue,
  key: Key | undefined,
): void {
  const group = new CfnScheduleGroup(stack, "Jobs", { name: stage.named() });
  for (const { id, description, runs, cron } of jobs) {
    const lambda = lambdas.get(runs);
    if (lambda === undefined) throw new Error(`${id} runs ${runs}, which is not deployed`);
    const { functionArn } = live(lambda);
    const role = new Role(stack, `ScheduleRole-${id}`, {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
      }),
      description: `Starts ${id}`,
    });
    role.addToPolicy(new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [functionArn] }));
    role.addToPolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [failures.queueArn] }));
    for (const statement of useKey(stack, key, ["sqs"], { writes: true })) role.addToPolicy(statement);
    const schedule = new CfnSchedule(stack, `Schedule-${id}`, {
      name: id,
      description,
      groupName: group.ref,
      scheduleExpression: awsCron(cron),
      scheduleExpressionTimezone: stage.timezone,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: functionArn,
        roleArn: role.roleArn,
        input: JSON.stringify({ job: id, scheduled_time: "<aws.scheduler.scheduled-time>" }),
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: Duration.hours(1).toSeconds() },
        deadLetterConfig: { arn: failures.queueArn },
      },
    });
    // The scheduler tries out the role when the schedule is made.
    schedule.node.addDependency(role);
  }
}

/**
 * Both signing keys get a new version every so many days, by Secrets Manager. Not at once: that of a key which was
 * just made would come too early for the tokens of the one before.
 */
export function keyRotations(
  stack: Stack,
  stage: Stage,
  lambdas: Functions,
  { secrets: { access, refresh } }: Data,
): void {
  const rotation = lambdas.get("keys/rotation");
  if (rotation === undefined) throw new Error("keys/rotation is not deployed");
  const { functionArn } = live(rotation);
  for (const [use, { secretArn }] of Object.entries({ access, refresh })) {
    const permission = new CfnPermission(stack, `RotationPermission-${use}`, {
      functionName: functionArn,
      action: "lambda:InvokeFunction",
      principal: "secretsmanager.amazonaws.com",
      sourceArn: secretArn,
      sourceAccount: stack.account,
    });
    const schedule = new CfnRotationSchedule(stack, `Rotation-${use}`, {
      secretId: secretArn,
      rotationLambdaArn: functionArn,
      rotateImmediatelyOnUpdate: false,
      rotationRules: { automaticallyAfterDays: stage.keyRotationDays },
    });
    // Secrets Manager tries out the function when the schedule is made.
    schedule.node.addDependency(permission);
  }
}
