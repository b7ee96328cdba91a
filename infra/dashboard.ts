import { jobs } from "@success-manager/contract/jobs";
import { Duration, type Stack } from "aws-cdk-lib";
import {
  Dashboard,
  GraphWidget,
  type IMetric,
  type IWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  type MetricOptions,
  PeriodOverride,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import { gatewayMetric, reputationMetric, tableMetrics, type Watched } from "./alarms.ts";
import { functionMetric, stageMetric } from "./observability.ts";
import { functionName, printsReports } from "./permissions.ts";
import type { Stage } from "./stage.ts";

const FIVE_MINUTES = Duration.minutes(5);
const SUM: MetricOptions = { statistic: "Sum", period: FIVE_MINUTES };

/** What happened in the business, counted by the function that follows the table's stream. */
export const BUSINESS = ["ScoresWritten", "SurveysAnswered", "AlertsOpened", "ReportsMade"] as const;

/**
 * Latency, errors and units of each route, out of the line that a function writes for each request. As metrics, 170
 * routes with four figures each would cost up to $200 a month, whatever the traffic; a line is 400 bytes, so a million
 * requests cost $0.20 once (and $0.005 for each GB that the table is made of when somebody looks).
 */
const ROUTES = [
  'filter message = "request"',
  "stats count(*) as requests, pct(ms, 50) as p50_ms, pct(ms, 95) as p95_ms, sum(status >= 500) as errors_5xx, sum(status >= 400 and status < 500) as refused_4xx, avg(ReadUnits) as read_units, avg(WriteUnits) as write_units by route",
  "sort requests desc",
  "limit 200",
];

/** All that one looks at first, on one page. */
export function dashboard(stack: Stack, stage: Stage, watched: Watched): void {
  const { lambdas, failures, table } = watched;
  const graph = (title: string, left: IMetric[], right: IMetric[] = [], width = 8): IWidget =>
    new GraphWidget({ title, left, right, width, height: 6 });
  const named = <T>(
    use: (name: string, lambda: typeof lambdas extends ReadonlyMap<unknown, infer L> ? L : never) => T,
  ) => [...lambdas].map(([name, lambda]) => use(name, lambda));
  const printers = [...lambdas.keys()].filter(printsReports);

  new Dashboard(stack, "Dashboard", {
    dashboardName: stage.named(),
    defaultInterval: Duration.hours(24),
    periodOverride: PeriodOverride.AUTO,
    widgets: [
      [
        new TextWidget({
          markdown: `**Success Manager, ${stage.name}.** Requests and errors on top, then routes, table, background work, business. What to do about an alarm: docs/runbook.md.`,
          width: 24,
          height: 1,
        }),
      ],
      [
        graph("Requests", [gatewayMetric(watched, "Count", SUM)]),
        graph("Latency at the gateway (ms)", [
          gatewayMetric(watched, "Latency", { statistic: "p50" }),
          gatewayMetric(watched, "Latency", { statistic: "p95" }),
          gatewayMetric(watched, "Latency", { statistic: "p99" }),
        ]),
        graph(
          "Errors and refusals",
          [
            gatewayMetric(watched, "5xx", SUM),
            stageMetric(stage, "Unauthorized", SUM),
            stageMetric(stage, "TooManyRequests", SUM),
          ],
          [gatewayMetric(watched, "4xx", SUM)],
        ),
      ],
      [
        new LogQueryWidget({
          title: "Routes: latency, errors, units",
          logGroupNames: named((name, lambda) =>
            /^(api|pages)\//.test(name) ? [lambda.logGroup.logGroupName] : [],
          ).flat(),
          queryLines: ROUTES,
          view: LogQueryVisualizationType.TABLE,
          width: 24,
          height: 8,
        }),
      ],
      [
        graph(
          "Units of requests",
          [stageMetric(stage, "ReadUnits", SUM)],
          [stageMetric(stage, "WriteUnits", SUM)],
        ),
        graph(
          "Units of the table and its indexes",
          tableMetrics(watched, "ConsumedReadCapacityUnits"),
          tableMetrics(watched, "ConsumedWriteCapacityUnits"),
        ),
        graph("Throttles and conflicts of the table", [
          ...tableMetrics(watched, "ReadThrottleEvents"),
          ...tableMetrics(watched, "WriteThrottleEvents"),
          table.metric("TransactionConflict", SUM),
        ]),
      ],
      [
        graph(
          "Function errors",
          named((_, lambda) => lambda.metricErrors(SUM)),
        ),
        graph("Function throttles and failures that our code answered", [
          ...named((_, lambda) => lambda.metricThrottles(SUM)),
          ...[...lambdas.keys()].flatMap((name) =>
            /^(api|pages)\//.test(name) ? [functionMetric(stage, name, "RequestFailed", SUM)] : [],
          ),
        ]),
        graph(
          "Duration p95 (ms)",
          named((_, lambda) => lambda.metricDuration({ statistic: "p95", period: FIVE_MINUTES })),
        ),
      ],
      [
        graph(
          "Jobs completed, and runs that failed",
          jobs.map(({ id, name, runs }) =>
            functionMetric(stage, functionName(runs), "JobCompleted", {
              ...SUM,
              dimensionsMap: { job: id },
              label: name,
            }),
          ),
          jobs.map(({ runs }) => functionMetric(stage, functionName(runs), "JobFailed", SUM)),
        ),
        graph(
          "Subjects that jobs failed for, and jobs that are late",
          jobs.map(({ id, name, runs }) =>
            functionMetric(stage, functionName(runs), "JobItemsFailed", {
              ...SUM,
              dimensionsMap: { job: id },
              label: name,
            }),
          ),
          jobs.map(({ id }) =>
            functionMetric(stage, "jobs/system-watch", "JobLate", {
              statistic: "Maximum",
              period: Duration.minutes(15),
              dimensionsMap: { job: id },
            }),
          ),
        ),
        graph(
          "How far the stream is behind (ms)",
          [
            functionMetric(stage, "jobs/system-watch", "StreamLag", {
              statistic: "Maximum",
              period: Duration.minutes(15),
            }),
            ...named((name, lambda) =>
              name.startsWith("streams/")
                ? [lambda.metric("IteratorAge", { statistic: "Maximum", period: FIVE_MINUTES })]
                : [],
            ).flat(),
          ],
          [...lambdas.keys()].flatMap((name) =>
            name.startsWith("streams/") ? [functionMetric(stage, name, "StreamRecordsFailed", SUM)] : [],
          ),
        ),
      ],
      [
        graph(
          "Dead letters: arrivals, and how many are there",
          [failures.metricNumberOfMessagesSent(SUM)],
          [failures.metricApproximateNumberOfMessagesVisible({ statistic: "Maximum", period: FIVE_MINUTES })],
        ),
        graph("Mail: rates by which SES judges the account", [
          reputationMetric("Reputation.BounceRate"),
          reputationMetric("Reputation.ComplaintRate"),
        ]),
        graph(
          "Business",
          BUSINESS.map((metricName) => functionMetric(stage, "streams/rollups", metricName, SUM)),
          printers.map((name) => functionMetric(stage, name, "ReportGivenUp", SUM)),
        ),
      ],
    ],
  });
}
