import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { inventoryOf, productionResources, type Resource } from "../bench/cost/inventory.ts";
import { measuredIn } from "../bench/cost/model.ts";
import { tables, withTables } from "../bench/cost/paper.ts";
import { RESOURCES } from "../bench/cost/prices.ts";
import { readResults } from "../bench/results.ts";

const root = join(import.meta.dirname, "../..");

let resources: readonly Resource[];
beforeAll(async () => {
  resources = await productionResources();
});

test("every type of resource in production has a price, or a reason why it has none", () => {
  const types = [...new Set(resources.map(({ Type }) => Type))];
  expect(types.length).toBeGreaterThan(15);
  expect(types.filter((type) => !(type in RESOURCES))).toEqual([]);
});

test("what costs by itself is counted from the templates", () => {
  const count = (type: string) => resources.filter(({ Type }) => Type === type).length;
  const inventory = inventoryOf(resources);
  expect(inventory).toMatchObject({
    memory: { api: 1769, jobs: 1769, streams: 1024 },
    functions: count("AWS::Lambda::Function"),
    dashboards: count("AWS::CloudWatch::Dashboard"),
    secrets: count("AWS::SecretsManager::Secret"),
    ownKeys: count("AWS::KMS::Key"),
    isPlatformLogged: false,
    isTraced: false,
  });
  expect(inventory.alarmMetrics).toBeGreaterThanOrEqual(count("AWS::CloudWatch::Alarm"));
  expect(inventory.customMetrics).toBeGreaterThan(0);
  // A line of JSON with a request id, a route and times.
  expect(inventory.accessLogBytes).toBeGreaterThan(150);
});

test("alarms, metrics, rules and copies of a plan are found whatever shape they have", () => {
  const own = { Namespace: "SuccessManager", MetricName: "Failed" };
  const made: Resource[] = [
    { Type: "AWS::CloudWatch::Alarm", Properties: { ...own, Dimensions: [{ Name: "job", Value: "a" }] } },
    { Type: "AWS::CloudWatch::Alarm", Properties: { ...own, Dimensions: [{ Name: "job", Value: "b" }] } },
    { Type: "AWS::CloudWatch::Alarm", Properties: { Namespace: "AWS/Lambda", MetricName: "Errors" } },
    {
      Type: "AWS::CloudWatch::Alarm",
      Properties: {
        Metrics: [
          { MetricStat: { Metric: { ...own, MetricName: "Sent" } } },
          { MetricStat: { Metric: { ...own, MetricName: "Bounced" } } },
          { Expression: "b / s" },
        ],
      },
    },
    {
      Type: "AWS::CloudWatch::Dashboard",
      Properties: {
        DashboardBody: {
          "Fn::Join": ["", ['[["SuccessManager","Reads","stage","prod"],["AWS/Lambda","Errors"]]']],
        },
      },
    },
    {
      Type: "AWS::Logs::MetricFilter",
      Properties: { MetricTransformations: [{ MetricNamespace: "SuccessManager", MetricName: "Refused" }] },
    },
    { Type: "AWS::CloudFront::Distribution" },
    { Type: "AWS::CloudFront::Function" },
    // {"date":"…","c-ip":"…"}: ten characters in each.
    { Type: "AWS::Logs::Delivery", Properties: { RecordFields: ["date", "c-ip"] } },
    { Type: "AWS::WAFv2::WebACL", Properties: { Rules: [{}, {}, {}] } },
    {
      Type: "AWS::Backup::BackupPlan",
      Properties: {
        BackupPlan: {
          BackupPlanRule: [
            { ScheduleExpression: "cron(30 2 * * ? *)", Lifecycle: { DeleteAfterDays: 35 } },
            { ScheduleExpression: "cron(30 3 1 * ? *)", Lifecycle: { DeleteAfterDays: 360 } },
          ],
        },
      },
    },
  ];
  expect(inventoryOf(made)).toMatchObject({
    alarmMetrics: 5,
    customMetrics: 6,
    dashboards: 1,
    edge: { rules: 3, functions: 1, logBytes: 42 },
    backupCopies: 47,
  });
});

test("docs/cost.md says what `npm run cost` makes of the checked-in measurements: `npm run cost -- --write`", () => {
  const measured = measuredIn(readResults(join(root, "test/bench/cost/measured.json")));
  const paper = readFileSync(join(root, "docs/cost.md"), "utf8");
  expect(withTables(paper, tables(measured, inventoryOf(resources)))).toBe(paper);
});
