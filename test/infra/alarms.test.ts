import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { commandJobs, jobs } from "@success-manager/contract/jobs";
import { beforeAll, describe, expect, test } from "vitest";
import { patienceFor } from "../../infra/alarms.ts";
import { projectRoot } from "../../infra/context.ts";
import { METRICS_NAMESPACE } from "../../infra/observability.ts";
import { permissions } from "../../infra/permissions.ts";
import { type Synthesized, synthesize } from "./synthesized.ts";
import { type Resources, unwatchedPaths } from "./unwatched-paths.ts";

let cloud: Synthesized;
let resources: Resources;
let alarms: Record<string, unknown>[];
beforeAll(async () => {
  cloud = await synthesize({ stage: "prod", monthlyBudget: 200 });
  resources = Object.assign(
    {},
    ...[cloud.data, cloud.service, cloud.routes, cloud.alarms].map((template) => template.toJSON().Resources),
  );
  alarms = Object.values(cloud.alarms.findResources("AWS::CloudWatch::Alarm")).map(
    ({ Properties }) => Properties,
  );
});

const starts = Object.values(permissions).flatMap((line) => ("starts" in line ? line.starts : []));

describe("every asynchronous path", () => {
  test("has an alarm on its function, and keeps what fails in a queue whose arrivals have one", () => {
    expect(unwatchedPaths(resources, starts)).toEqual([]);
  });

  test.each<[string, (all: Resources) => void, RegExp]>([
    [
      "a mail event for a function without an alarm",
      (all) => {
        all.NewFunction = {
          Type: "AWS::Lambda::Function",
          Properties: { FunctionName: "success-manager-prod-streams-new" },
        };
        all.NewSubscription = {
          Type: "AWS::SNS::Subscription",
          Properties: { Protocol: "lambda", Endpoint: { "Fn::GetAtt": ["NewFunction", "Arn"] } },
        };
      },
      /NewSubscription.+no alarm on errors.+NewSubscription.+keeps nothing/s,
    ],
    [
      "a rule whose function keeps nothing of what fails",
      (all) => {
        const [id] =
          Object.entries(all).find(
            ([, one]) => one.Properties?.FunctionName === "success-manager-prod-api-auth",
          ) ?? [];
        all.NewRule = {
          Type: "AWS::Events::Rule",
          Properties: { Targets: [{ Arn: { "Fn::GetAtt": [id, "Arn"] } }] },
        };
      },
      /NewRule.+keeps nothing/s,
    ],
    [
      "a queue of its own whose arrivals nobody sees",
      (all) => {
        all.NewQueue = { Type: "AWS::SQS::Queue", Properties: { QueueName: "another" } };
        const mapping = Object.values(all).find(({ Type }) => Type === "AWS::Lambda::EventSourceMapping");
        if (mapping?.Properties)
          mapping.Properties.DestinationConfig = {
            OnFailure: { Destination: { "Fn::GetAtt": ["NewQueue", "Arn"] } },
          };
      },
      /another: nobody is told of arrivals/,
    ],
    [
      "a job without an alarm",
      (all) => {
        for (const [id, { Properties }] of Object.entries(all))
          if (String(Properties?.AlarmName).endsWith("-jobs-health-errors")) delete all[id];
      },
      /daily.?health.?scores.+no alarm on errors/s,
    ],
  ])("is missed when it is new: %s", (_, change, expected) => {
    const changed = structuredClone(resources);
    change(changed);
    expect(unwatchedPaths(changed, starts).join("\n")).toMatch(expected);
  });

  test("that starts a job by hand is one of the jobs", () => {
    expect(new Set(starts)).toEqual(new Set([...jobs, ...commandJobs].map(({ runs }) => runs)));
  });
});

describe("a job that does not come to its end", () => {
  const alarm = (name: string) =>
    alarms.find(({ AlarmName }) => AlarmName === `success-manager-prod-${name}`);

  test.each(jobs)("is missed: $id", ({ id }) => {
    const missed = alarm(`${id}-missed`);
    expect(missed).toMatchObject({ TreatMissingData: "breaching", Namespace: METRICS_NAMESPACE });
    const { Period, EvaluationPeriods } = missed as { Period: number; EvaluationPeriods: number };
    // What PutMetricAlarm takes.
    expect(Period * EvaluationPeriods).toBeLessThanOrEqual(Period < 3600 ? 24 * 3600 : 7 * 24 * 3600);
    expect(alarm(`${id}-items-failed`)).toMatchObject({ MetricName: "JobItemsFailed", Threshold: 1 });
  });

  test.each([
    // Two hours after the next time of a daily job, three quarters after that of an hourly one.
    ["daily_health_scores", "JobCompleted", 26 * 3600],
    ["scheduled_reports", "JobCompleted", 1.75 * 3600],
    ["survey_reminders", "JobCompleted", 1.75 * 3600],
    ["system_watch", "JobCompleted", 3600],
    // A week is as far as an alarm sees, so the watch tells.
    ["counters_rebuild", "JobLate", 3600],
  ])("%s by %s", (id, metric, seconds) => {
    const { MetricName, Period, EvaluationPeriods } = alarm(`${id}-missed`) as Record<string, number>;
    expect([MetricName, (Period ?? 0) * (EvaluationPeriods ?? 0)]).toEqual([metric, seconds]);
  });

  test("waits an hour more where the clock is put back", () => {
    const { period, periods } = patienceFor({ cron: "0 8 * * *" }, "Europe/Berlin") ?? {};
    expect((period?.toHours() ?? 0) * (periods ?? 0)).toBeGreaterThanOrEqual(27);
  });
});

test("every alarm tells somebody, says how urgent it is, and stands in the runbook", () => {
  const runbook = readFileSync(join(projectRoot, "docs/runbook.md"), "utf8");
  for (const { AlarmName, AlarmActions, AlarmDescription } of alarms) {
    const name = String(AlarmName).replace("success-manager-prod-", "");
    expect(AlarmActions, name).toHaveLength(1);
    expect(AlarmDescription, name).toMatch(/^\[(now|today)\] .{30}/);
    const row = name
      .replace(/^.+(?=-errors$|-missed$|-items-failed$|-age$|-given-up$)/, "…")
      .replace(/^table-(read|write)/, "table-…")
      .replace(/(?<=^not-kept)\d+$/, "");
    expect(runbook, name).toContain(`\`${row}\``);
  }
});

test("the budget tells before the money is gone", () => {
  cloud.alarms.hasResourceProperties("AWS::Budgets::Budget", {
    Budget: { BudgetLimit: { Amount: 200, Unit: "USD" }, TimeUnit: "MONTHLY" },
  });
});

describe("metrics of our own", () => {
  /** Names in templates: of alarms, on the dashboard. */
  function watched(): Set<string> {
    const names = new Set<string>();
    const found = JSON.stringify(alarms).matchAll(
      /"MetricName":"(\w+)","Namespace":"SuccessManager"|"Namespace":"SuccessManager","MetricName":"(\w+)"/g,
    );
    for (const [, one, other] of found) names.add(one ?? other ?? "");
    const [dashboard] = Object.values(cloud.service.findResources("AWS::CloudWatch::Dashboard"));
    const body = JSON.stringify(dashboard?.Properties.DashboardBody).replaceAll('\\"', '"');
    for (const [, name = ""] of body.matchAll(/\["SuccessManager","(\w+)"/g)) names.add(name);
    return names;
  }

  /** Names in code that emits them, and in filters of logs. */
  function emitted(): Set<string> {
    const names = new Set<string>();
    const files = globSync("{functions,packages/{lambda,domain}}/**/*.ts", {
      cwd: projectRoot,
      exclude: (path) => /\.test\.ts$|node_modules/.test(path),
    });
    for (const file of files) {
      const text = readFileSync(join(projectRoot, file), "utf8");
      for (const [, name = ""] of text.matchAll(/addMetric\(\s*"(\w+)"/g)) names.add(name);
      for (const [, name = ""] of text.matchAll(/emitJobMetric\(\s*\w+,\s*"(\w+)"/g)) names.add(name);
      for (const [, name = ""] of text.matchAll(/\{ Name: "(\w+)", Unit:/g)) names.add(name);
      // Counted under their own names.
      if (file.endsWith("stream/business.ts"))
        for (const [, name = ""] of text.matchAll(/readonly (\w+): number;/g)) names.add(name);
    }
    for (const { Properties } of Object.values(cloud.routes.findResources("AWS::Logs::MetricFilter")))
      names.add(Properties.MetricTransformations[0].MetricName);
    return names;
  }

  test("are all on the dashboard or an alarm, and none there is emitted by nobody", () => {
    expect([...watched()].sort()).toEqual([...emitted()].sort());
    expect(watched().size).toBeGreaterThan(12);
  });
});

test("the dashboard is JSON with widgets that do not overlap, and not more than CloudWatch takes", () => {
  const [dashboard] = Object.values(cloud.service.findResources("AWS::CloudWatch::Dashboard"));
  const parts: (string | object)[] = dashboard?.Properties.DashboardBody["Fn::Join"][1];
  const { widgets } = JSON.parse(parts.map((part) => (typeof part === "string" ? part : "x")).join("")) as {
    widgets: { x: number; y: number; width: number; height: number; properties: { metrics?: unknown[] } }[];
  };
  expect(widgets.length).toBeGreaterThan(15);
  // CloudWatch: 500 widgets, 500 metrics a graph, 2 500 in all ("CloudWatch service quotas").
  expect(widgets.flatMap(({ properties }) => properties.metrics ?? []).length).toBeLessThan(2_500);
  for (const [n, a] of widgets.entries())
    for (const b of widgets.slice(n + 1))
      expect(a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height).toBe(
        false,
      );
});

test("the access log has address, bytes and latency, but neither path nor user agent", () => {
  const [stage] = Object.values(cloud.routes.findResources("AWS::ApiGatewayV2::Stage"));
  const format: string = stage?.Properties.AccessLogSettings.Format;
  expect(Object.keys(JSON.parse(format))).toEqual(
    expect.arrayContaining(["request_id", "address", "route", "status", "bytes", "latency_ms", "stage"]),
  );
  expect(format).not.toMatch(/\$context\.(path|identity\.userAgent|protocol)/);
});

test("no stack is near the 500 resources that CloudFormation takes", () => {
  for (const template of [cloud.data, cloud.service, cloud.routes, cloud.alarms])
    expect(Object.keys(template.toJSON().Resources).length).toBeLessThan(480);
});
