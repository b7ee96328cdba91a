import { Duration, type Stack } from "aws-cdk-lib";
import type { CfnApi } from "aws-cdk-lib/aws-apigatewayv2";
import { Alarm, type IMetric, Metric, TreatMissingData } from "aws-cdk-lib/aws-cloudwatch";
import { SnsAction } from "aws-cdk-lib/aws-cloudwatch-actions";
import { PolicyStatement, ServicePrincipal } from "aws-cdk-lib/aws-iam";
import { Topic } from "aws-cdk-lib/aws-sns";
import { EmailSubscription } from "aws-cdk-lib/aws-sns-subscriptions";
import type { Queue } from "aws-cdk-lib/aws-sqs";
import { type Functions, ownMetric, printsReports } from "./functions.ts";
import type { Stage } from "./stage.ts";

interface Watched {
  readonly api: CfnApi;
  readonly lambdas: Functions;
  readonly failures: Queue;
}

/** What a person has to look at. A failed job is tried again by itself; one that stays failed is in the queue. */
export function alarms(stack: Stack, stage: Stage, { api, lambdas, failures }: Watched): void {
  const told = new SnsAction(topic(stack, stage));
  const period = Duration.minutes(5);
  const alarm = (name: string, says: string, metric: IMetric, threshold: number) =>
    new Alarm(stack, `Alarm-${name}`, {
      alarmName: stage.named(name),
      alarmDescription: says,
      metric,
      threshold,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    }).addAlarmAction(told);

  alarm(
    "dead-letters",
    "A job's event or a change of the table could not be handled; read it in the queue, mend the cause, send it again",
    failures.metricApproximateNumberOfMessagesVisible({ period, statistic: "Maximum" }),
    1,
  );
  for (const [name, lambda] of lambdas) {
    if (!name.startsWith("jobs/")) continue;
    alarm(`${name.replace("/", "-")}-errors`, `${name} failed`, lambda.metricErrors({ period }), 1);
  }
  for (const name of lambdas.keys()) {
    if (!printsReports(name)) continue;
    alarm(
      `${name.replace("/", "-")}-given-up`,
      "A report was given up after five attempts; the history of reports says why. Mend the cause, then generate it again",
      ownMetric(stage, name, "ReportGivenUp", { period, statistic: "Sum" }),
      1,
    );
  }
  for (const [name, lambda] of lambdas) {
    if (!name.startsWith("streams/")) continue;
    alarm(
      `${name.replace("/", "-")}-age`,
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
