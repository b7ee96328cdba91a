import { Duration, type Stack } from "aws-cdk-lib";
import { PolicyStatement, Role, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { CfnSchedule, CfnScheduleGroup } from "aws-cdk-lib/aws-scheduler";
import { type IQueue, Queue, QueueEncryption } from "aws-cdk-lib/aws-sqs";
import { accepted } from "./accepted.ts";
import type { Functions } from "./functions.ts";
import type { FunctionName } from "./permissions.ts";
import type { Stage } from "./stage.ts";

interface Job {
  /** The name of the schedule, and what people call the job. */
  readonly id: string;
  readonly says: string;
  readonly runs: FunctionName;
  /** AWS's six fields, in the time zone of the stage: minutes hours day month weekday year. */
  readonly cron: string;
}

const jobs: readonly Job[] = [
  { id: "daily_health_scores", says: "Score every customer", runs: "jobs/health", cron: "0 0 * * ? *" },
];

/** Where an event ends that no job could handle, for 14 days: the longest that SQS keeps anything. */
export function deadLetters(stack: Stack, stage: Stage): Queue {
  const queue = new Queue(stack, "DeadLetters", {
    queueName: stage.named("dead-letters"),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    retentionPeriod: Duration.days(14),
  });
  accepted(
    queue,
    "AwsSolutions-SQS3",
    "This is the dead-letter queue, of schedules and of asynchronous invocations.",
  );
  return queue;
}

/** One schedule for each job. The event's own time is the job's now, so that any day can be played again. */
export function schedules(stack: Stack, stage: Stage, lambdas: Functions, failures: IQueue): void {
  const group = new CfnScheduleGroup(stack, "Jobs", { name: stage.named() });
  for (const { id, says, runs, cron } of jobs) {
    const lambda = lambdas.get(runs);
    if (lambda === undefined) throw new Error(`${id} runs ${runs}, which is not deployed`);
    const role = new Role(stack, `ScheduleRole-${id}`, {
      assumedBy: new ServicePrincipal("scheduler.amazonaws.com", {
        conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
      }),
      description: `Starts ${id}`,
    });
    role.addToPolicy(
      new PolicyStatement({ actions: ["lambda:InvokeFunction"], resources: [lambda.functionArn] }),
    );
    role.addToPolicy(new PolicyStatement({ actions: ["sqs:SendMessage"], resources: [failures.queueArn] }));
    const schedule = new CfnSchedule(stack, `Schedule-${id}`, {
      name: id,
      description: says,
      groupName: group.ref,
      scheduleExpression: `cron(${cron})`,
      scheduleExpressionTimezone: stage.timezone,
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: lambda.functionArn,
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
