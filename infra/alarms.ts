import { type Job, jobs } from "@success-manager/contract/jobs";
import { type App, Duration, Stack, Tags } from "aws-cdk-lib";
import type { CfnApi } from "aws-cdk-lib/aws-apigatewayv2";
import { CfnBudget } from "aws-cdk-lib/aws-budgets";
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  type MetricOptions,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import type { Table } from "aws-cdk-lib/aws-dynamodb";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import type { IKey } from "aws-cdk-lib/aws-kms";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { Cron } from "croner";
import { INDEXES } from "./data.ts";
import type { Functions } from "./functions.ts";
import { DEAD_LETTERS } from "./jobs.ts";
import { functionMetric, serviceName, stageMetric } from "./observability.ts";
import { type FunctionName, functionName, printsReports } from "./permissions.ts";
import { physicalName } from "./policy.ts";
import { regional, type Stage } from "./stage.ts";

/** What is looked at: the parts of the service, by what they are to each other. */
export interface Watched {
  readonly api: CfnApi;
  readonly table: Table;
  readonly lambdas: Functions;
  readonly failures: Queue;
  /** For topics that AWS's services publish to. */
  readonly topicsKey: IKey;
}

const FIVE_MINUTES = Duration.minutes(5);

/** A metric of a function, by its name: a reference would keep it from being removed for as long as an alarm has it. */
const lambdaMetric = (stage: Stage, name: FunctionName, metricName: string, statistic = "Sum") =>
  new Metric({
    namespace: "AWS/Lambda",
    metricName,
    dimensionsMap: { FunctionName: physicalName(stage, name) },
    statistic,
    period: FIVE_MINUTES,
  });

/** A metric of the dead-letter queue, by its name. */
const queueMetric = (stage: Stage, metricName: string, statistic: string, period = FIVE_MINUTES) =>
  new Metric({
    namespace: "AWS/SQS",
    metricName,
    dimensionsMap: { QueueName: stage.named(DEAD_LETTERS) },
    statistic,
    period,
  });

/** Metrics of the gateway, as `alarms` and the dashboard read them. */
export const gatewayMetric = ({ api }: Pick<Watched, "api">, metricName: string, options: MetricOptions) =>
  new Metric({
    namespace: "AWS/ApiGateway",
    metricName,
    dimensionsMap: { ApiId: api.ref, Stage: "$default" },
    period: FIVE_MINUTES,
    ...options,
  });

/** A metric of the table by itself, and of each of its indexes. */
export const tableMetrics = ({ table }: Pick<Watched, "table">, metricName: string, statistic = "Sum") =>
  [undefined, ...Object.keys(INDEXES)].map(
    (index) =>
      new Metric({
        namespace: "AWS/DynamoDB",
        metricName,
        dimensionsMap: {
          TableName: table.tableName,
          ...(index !== undefined && { GlobalSecondaryIndexName: index }),
        },
        statistic,
        period: FIVE_MINUTES,
        label: index ?? "table",
      }),
  );

/** The rates that SES pauses an account by. They are of the account, which knows no stages. */
export const reputationMetric = (metricName: "Reputation.BounceRate" | "Reputation.ComplaintRate") =>
  new Metric({ namespace: "AWS/SES", metricName, statistic: "Average", period: Duration.hours(1) });

/** All of them together; what says nothing is nothing. */
const sumOf = (metrics: readonly IMetric[], label: string) =>
  new MathExpression({
    expression: metrics.map((_, n) => `FILL(m${n}, 0)`).join(" + "),
    usingMetrics: Object.fromEntries(metrics.map((metric, n) => [`m${n}`, metric])),
    period: FIVE_MINUTES,
    label,
  });

const HOUR = 60 * 60;
/**
 * An alarm looks back seven days at most, and one day with periods of less than an hour (CloudWatch API Reference,
 * PutMetricAlarm, "Period").
 */
const LONGEST_LOOK_BACK = 7 * 24 * HOUR;

/** The longest time from one run of a cron to the next, in seconds, a change of the clock included. */
function longestGap(cron: string, timezone: string): number {
  const runs = new Cron(cron, { timezone, paused: true }).nextRuns(400, new Date("2026-01-01T00:00:00Z"));
  const times = runs.map((run) => run.getTime() / 1000);
  return Math.max(...times.slice(1).map((time, n) => time - (times[n] ?? time)));
}

/**
 * How long CloudWatch waits for a job's next `JobCompleted`: the time between two runs and some more, which a run and
 * its retries take. Undefined for a job that runs too rarely for that; `system_watch` tells of it.
 */
export function patienceFor({ cron }: Pick<Job, "cron">, timezone: string) {
  const gap = longestGap(cron, timezone);
  const wanted = gap + Math.max(0.75 * HOUR, gap / 12);
  const period = wanted < 24 * HOUR ? HOUR / 4 : HOUR;
  const periods = Math.ceil(wanted / period);
  return periods * period > LONGEST_LOOK_BACK ? undefined : { period: Duration.seconds(period), periods };
}

interface Settings {
  /** From which value on it is told. */
  readonly threshold: number;
  /** How many periods in a row; one when absent. */
  readonly periods?: number;
  /** What no data means; that all is well when absent. */
  readonly missing?: TreatMissingData;
}

/**
 * What a person has to look at. `now`: somebody loses something, or waits. `today`: it gets worse when nobody looks.
 * What each means and what to do stands in docs/runbook.md under the alarm's name.
 *
 * In a stack of its own: a stack has 500 resources, and the one that serves needs most of them.
 */
export function alarmStack(app: App, stage: Stage, watched: Watched): void {
  const stack = new Stack(app, `SuccessManagerAlarms-${stage.name}`, {
    description: `Success Manager (${stage.name}): who is told of what`,
    terminationProtection: !stage.disposable,
    ...regional(stage),
  });
  Tags.of(stack).add("stage", stage.name);
  const { lambdas, table } = watched;
  const notification = new SnsAction(topic(stack, stage, watched.topicsKey));
  const alarm = (
    name: string,
    urgency: "now" | "today",
    description: string,
    metric: IMetric,
    { threshold, periods = 1, missing = TreatMissingData.NOT_BREACHING }: Settings,
  ) => {
    const made = new Alarm(stack, `Alarm-${name}`, {
      alarmName: stage.named(name),
      alarmDescription: `[${urgency}] ${description}`,
      metric,
      threshold,
      comparisonOperator: ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: periods,
      treatMissingData: missing,
    });
    made.addAlarmAction(notification);
    // Who was called wants to know when it is over.
    if (urgency === "now") made.addOkAction(notification);
  };

  for (const job of jobs) {
    const lambda = functionName(job.runs);
    const jobMetric = (name: string, options: MetricOptions) =>
      functionMetric(stage, lambda, name, { dimensionsMap: { job: job.id }, ...options });
    const patience = patienceFor(job, stage.timezone);
    const missed = `${job.name} has not come to its end in time. Look at its last run (GET /scheduler/jobs) and its log, then start it (POST /scheduler/jobs/${job.id}/run)`;
    if (patience)
      // Completed runs count downwards: none is a breach, and so is no word.
      new Alarm(stack, `Alarm-${job.id}-missed`, {
        alarmName: stage.named(`${job.id}-missed`),
        alarmDescription: `[now] ${missed}`,
        metric: jobMetric("JobCompleted", { statistic: "Sum", period: patience.period }),
        threshold: 1,
        comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
        evaluationPeriods: patience.periods,
        datapointsToAlarm: patience.periods,
        treatMissingData: TreatMissingData.BREACHING,
      }).addAlarmAction(notification);
    else
      alarm(
        `${job.id}-missed`,
        "today",
        missed,
        functionMetric(stage, "jobs/system-watch", "JobLate", {
          dimensionsMap: { job: job.id },
          statistic: "Maximum",
          period: Duration.minutes(15),
        }),
        { threshold: 1, periods: 4, missing: TreatMissingData.BREACHING },
      );
    alarm(
      `${job.id}-items-failed`,
      "today",
      `${job.name} did not work for all; its log names each with the error`,
      jobMetric("JobItemsFailed", { statistic: "Sum", period: FIVE_MINUTES }),
      { threshold: 1 },
    );
  }

  alarm(
    "personal_data-items-failed",
    "today",
    "An export or erasure of personal data has failed; the log says why. It is tried again every quarter of an hour, 24 times: mend the cause by then, or have it started again",
    functionMetric(stage, functionName("jobs/personal-data"), "JobItemsFailed", {
      dimensionsMap: { job: "personal_data" },
      statistic: "Sum",
      period: FIVE_MINUTES,
    }),
    { threshold: 1 },
  );

  for (const name of lambdas.keys()) {
    // A failed API function is seen by its callers: `api-5xx` counts those. One error there calls nobody.
    const isBackground = name.startsWith("jobs/") || name.startsWith("streams/");
    alarm(
      `${serviceName(name)}-errors`,
      isBackground ? "now" : "today",
      `${name} ended with an error, out of time or out of memory; its log says which`,
      lambdaMetric(stage, name, "Errors"),
      { threshold: 1 },
    );
  }
  alarm(
    "throttles",
    "now",
    "Lambda turns calls away: the account's or a function's concurrency is used up. Ask for more, or find who calls so much",
    // Of the account: its concurrency is what all functions share.
    new Metric({ namespace: "AWS/Lambda", metricName: "Throttles", statistic: "Sum", period: FIVE_MINUTES }),
    { threshold: 1 },
  );

  alarm(
    "dead-letters",
    "now",
    `An event or a change of the table could not be handled: npm run dead-letters -- --stage ${stage.name} says which and why. Mend the cause, then redrive`,
    // Arrivals, by whatever calls SendMessage: Lambda, the scheduler, SNS, our functions. It would not count what SQS
    // itself moves from another queue by a redrive policy; there is none.
    queueMetric(stage, "NumberOfMessagesSent", "Sum"),
    { threshold: 1 },
  );
  alarm(
    "dead-letters-old",
    "now",
    "The oldest dead letter is ten days old, and SQS forgets it after fourteen. Redrive or delete it",
    queueMetric(stage, "ApproximateAgeOfOldestMessage", "Maximum", Duration.hours(1)),
    { threshold: Duration.days(10).toSeconds() },
  );
  const lost = [
    ...[...lambdas.keys()].flatMap((name) =>
      name.startsWith("jobs/") ? [lambdaMetric(stage, name, "DestinationDeliveryFailures")] : [],
    ),
    new Metric({
      namespace: "AWS/Scheduler",
      metricName: "InvocationsFailedToBeSentToDeadLetterCount",
      dimensionsMap: { ScheduleGroup: stage.named() },
      statistic: "Sum",
      period: FIVE_MINUTES,
    }),
  ];
  // An expression takes ten metrics.
  for (let n = 0; n * 10 < lost.length; n++)
    alarm(
      `not-kept${n === 0 ? "" : n + 1}`,
      "now",
      "An event could not be handled, and not be put into the dead-letter queue either. Look at the queue's policy and the function's role; then start the job by hand",
      sumOf(lost.slice(n * 10, n * 10 + 10), "events lost"),
      { threshold: 1 },
    );

  for (const name of lambdas.keys()) {
    if (!name.startsWith("streams/")) continue;
    alarm(
      `${serviceName(name)}-age`,
      "now",
      `${name} is five minutes behind the table; figures are out of date. The stream forgets after 24 hours: its log says what it waits for`,
      lambdaMetric(stage, name, "IteratorAge", "Maximum"),
      { threshold: Duration.minutes(5).toMilliseconds() },
    );
  }
  alarm(
    "stream-lag",
    "now",
    "A change needs a minute or more to be counted, or does not come through at all. Look whether the event source mapping is enabled",
    functionMetric(stage, "jobs/system-watch", "StreamLag", {
      statistic: "Minimum",
      period: Duration.minutes(15),
    }),
    { threshold: Duration.minutes(1).toMilliseconds(), periods: 3, missing: TreatMissingData.BREACHING },
  );

  for (const name of lambdas.keys()) {
    if (!printsReports(name)) continue;
    alarm(
      `${serviceName(name)}-given-up`,
      "today",
      "A report was given up after five attempts; the history of reports says why. Mend the cause, then generate it again",
      functionMetric(stage, name, "ReportGivenUp", { period: FIVE_MINUTES, statistic: "Sum" }),
      { threshold: 1 },
    );
  }

  alarm(
    "api-5xx",
    "now",
    "Callers see server errors; the table of routes on the dashboard names them",
    gatewayMetric(watched, "5xx", { statistic: "Sum" }),
    { threshold: 5 },
  );
  alarm(
    "api-p95",
    "today",
    "One of twenty requests takes longer than three seconds; the table of routes on the dashboard names them",
    gatewayMetric(watched, "Latency", { statistic: "p95" }),
    { threshold: 3_000, periods: 3 },
  );
  alarm(
    "unauthorized",
    "today",
    "Many requests are refused for want of a valid token or password: somebody guesses, or an app has lost its session. The access log names addresses",
    stageMetric(stage, "Unauthorized", { statistic: "Sum", period: FIVE_MINUTES }),
    { threshold: 200, periods: 2 },
  );
  alarm(
    "too-many-requests",
    "today",
    "Many requests are refused because they are too many. The access log names addresses and routes",
    stageMetric(stage, "TooManyRequests", { statistic: "Sum", period: FIVE_MINUTES }),
    { threshold: 200, periods: 2 },
  );

  for (const [kind, metricName] of [
    ["read", "ReadThrottleEvents"],
    ["write", "WriteThrottleEvents"],
  ] as const)
    alarm(
      `table-${kind}-throttles`,
      "today",
      `DynamoDB turns ${kind}s of the table or an index away: a partition is hot, or traffic has doubled in half an hour. They are tried again; the dashboard says where`,
      sumOf(tableMetrics(watched, metricName), `${kind} throttles`),
      { threshold: 10, periods: 2 },
    );
  alarm(
    "table-conflicts",
    "today",
    "Many transactions meet on the same items and are tried again; the log of the slowest route says on which",
    new Metric({
      namespace: "AWS/DynamoDB",
      metricName: "TransactionConflict",
      dimensionsMap: { TableName: table.tableName },
      statistic: "Sum",
      period: FIVE_MINUTES,
    }),
    { threshold: 500, periods: 3 },
  );

  if (stage.mail) {
    // Where SES puts an account under review (Developer Guide, "Understanding sender reputation metrics"). What is
    // missing was not sent, and changes nothing.
    const missing = TreatMissingData.IGNORE;
    alarm(
      "mail-bounces",
      "now",
      "Of the account's mails 5 % or more bounce; at 10 % SES stops it. Find who gets them, and take dead addresses off",
      reputationMetric("Reputation.BounceRate"),
      { threshold: 0.05, missing },
    );
    alarm(
      "mail-complaints",
      "now",
      "Of the account's mails 0.1 % or more are called spam; at 0.5 % SES stops it. Find which ones, and stop them",
      reputationMetric("Reputation.ComplaintRate"),
      { threshold: 0.001, missing },
    );
  }
  budget(stack, stage);
}

/**
 * Mails when the account's costs reach 80 % of the month's budget, and when they are about to exceed it. Of the whole
 * account: costs by tag are nothing until somebody activates the tag, which no template can.
 */
function budget(stack: Stack, stage: Stage): void {
  const { monthlyBudget, alarmEmail } = stage;
  if (monthlyBudget === undefined || alarmEmail === undefined) return;
  const at = (notificationType: "ACTUAL" | "FORECASTED", threshold: number) => ({
    notification: {
      notificationType,
      threshold,
      comparisonOperator: "GREATER_THAN",
      thresholdType: "PERCENTAGE",
    },
    subscribers: [{ subscriptionType: "EMAIL", address: alarmEmail }],
  });
  new CfnBudget(stack, "Budget", {
    budget: {
      budgetType: "COST",
      timeUnit: "MONTHLY",
      budgetLimit: { amount: monthlyBudget, unit: "USD" },
    },
    notificationsWithSubscribers: [at("ACTUAL", 80), at("FORECASTED", 100)],
  });
}

function topic(stack: Stack, stage: Stage, masterKey: IKey): Topic {
  const topic = new Topic(stack, "Alarms", { topicName: stage.named("alarms"), masterKey, enforceSSL: true });
  // The policy that asks for TLS takes the place of the default one, under which alarms could publish.
  topic.addToResourcePolicy(
    new PolicyStatement({
      actions: ["sns:Publish"],
      principals: [new ServicePrincipal("cloudwatch.amazonaws.com")],
      resources: [topic.topicArn],
      conditions: { StringEquals: { "aws:SourceAccount": stack.account } },
    }),
  );
  if (stage.alarmEmail !== undefined) topic.addSubscription(new EmailSubscription(stage.alarmEmail));
  return topic;
}
