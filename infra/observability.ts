import { Duration, Fn, RemovalPolicy, type Stack } from "aws-cdk-lib";
import type { CfnApi } from "aws-cdk-lib/aws-apigatewayv2";
import {
  Alarm,
  type IMetric,
  Metric,
  type MetricOptions,
  TreatMissingData,
} from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { LogGroup } from "aws-cdk-lib/aws-logs";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import type { Functions } from "./functions.ts";
import { type FunctionName, printsReports } from "./permissions.ts";
import type { Stage } from "./stage.ts";

/** The namespace of metrics that functions emit. */
export const METRICS_NAMESPACE = "SuccessManager";

/** `api/health-scores` → `api-health-scores`: the name of a function in its logs and metrics. */
export const serviceName = (name: FunctionName) => name.replace("/", "-");

/** A metric that a function itself emits; packages/lambda/src/telemetry.ts gives it these dimensions. */
const functionMetric = (stage: Stage, name: FunctionName, metricName: string, options: MetricOptions) =>
  new Metric({
    namespace: METRICS_NAMESPACE,
    metricName,
    dimensionsMap: { service: serviceName(name), stage: stage.name },
    ...options,
  });

/**
 * Where a part of the service logs. What it logged outlives the stack, unless the stage is disposable; so each stack
 * has groups of its own, named by the last part of its id, and can be made again.
 */
export const logs = (stack: Stack, stage: Stage, id: string, name: string): LogGroup =>
  new LogGroup(stack, id, {
    logGroupName: `${name}-${Fn.select(2, Fn.split("/", stack.stackId))}`,
    retention: stage.logRetentionDays,
    removalPolicy: stage.disposable ? RemovalPolicy.DESTROY : RemovalPolicy.RETAIN,
  });

interface Resources {
  readonly api: CfnApi;
  readonly lambdas: Functions;
  readonly failures: Queue;
}

/** What a person has to look at. A failed job is tried again by itself; one that stays failed is in the queue. */
export function alarms(stack: Stack, stage: Stage, { api, lambdas, failures }: Resources): void {
  const notification = new SnsAction(topic(stack, stage));
  const period = Duration.minutes(5);
  const alarm = (name: string, description: string, metric: IMetric, threshold: number) =>
    new Alarm(stack, `Alarm-${name}`, {
      alarmName: stage.named(name),
      alarmDescription: description,
      metric,
      threshold,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(notification);

  alarm(
    "dead-letters",
    "A job's event or a change of the table could not be handled; read it in the queue, mend the cause, send it again",
    failures.metricApproximateNumberOfMessagesVisible({ period, statistic: "Maximum" }),
    1,
  );
  for (const [name, lambda] of lambdas) {
    if (!name.startsWith("jobs/")) continue;
    alarm(`${serviceName(name)}-errors`, `${name} failed`, lambda.metricErrors({ period }), 1);
  }
  for (const name of lambdas.keys()) {
    if (!printsReports(name)) continue;
    alarm(
      `${serviceName(name)}-given-up`,
      "A report was given up after five attempts; the history of reports says why. Mend the cause, then generate it again",
      functionMetric(stage, name, "ReportGivenUp", { period, statistic: "Sum" }),
      1,
    );
  }
  for (const [name, lambda] of lambdas) {
    if (!name.startsWith("streams/")) continue;
    alarm(
      `${serviceName(name)}-age`,
      `${name} is five minutes behind the table; figures are out of date`,
      lambda.metric("IteratorAge", { period, statistic: "Maximum" }),
      Duration.minutes(5).toMilliseconds(),
    );
  }
  alarm(
    "api-5xx",
    "Callers see server errors; the access log names the routes",
    new Metric({
      namespace: "AWS/ApiGateway",
      metricName: "5xx",
      dimensionsMap: { ApiId: api.ref, Stage: "$default" },
      statistic: "Sum",
      period,
    }),
    5,
  );
}

function topic(stack: Stack, stage: Stage): Topic {
  const topic = new Topic(stack, "Alarms", { topicName: stage.named("alarms"), enforceSSL: true });
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
