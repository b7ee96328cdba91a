import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readSettings, stageOf } from "../../../infra/stage.ts";
import { successManager } from "../../../infra/success-manager.ts";
import { PRODUCTION } from "../../infra/synthesized.ts";
import type { Inventory } from "./model.ts";

/** A resource of a template, as CloudFormation has it. */
export interface Resource {
  readonly Type: string;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is CloudFormation's, which differs by type.
  readonly Properties?: any;
}

/** All resources of production, of all its stacks. Nothing is bundled: what a function holds costs nothing. */
export async function productionResources(): Promise<readonly Resource[]> {
  const folder = mkdtempSync(join(tmpdir(), "cost-"));
  try {
    const app = await successManager({
      context: { stage: "prod" },
      settings: productionSettings(),
      outdir: join(folder, "out"),
      code: {
        folder: () => mkdtempSync(join(folder, "code-")),
        bytes: new Map(),
        metafile: { inputs: {}, outputs: {} },
      },
    });
    return app.synth().stacks.flatMap(({ template }) => Object.values<Resource>(template.Resources));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const productionSettings = () => ({ ...(readSettings("prod") as object), ...PRODUCTION });

/** Characters of what the gateway writes for its variables; those of an ordinary request. */
const WIDTHS: Readonly<Record<string, number>> = {
  "$context.requestId": 16,
  "$context.requestTimeEpoch": 13,
  "$context.identity.sourceIp": 13,
  "$context.routeKey": 34,
  "$context.status": 3,
  "$context.responseLatency": 2,
  "$context.integrationLatency": 2,
  "$context.responseLength": 4,
};
const OTHER_WIDTH = 8;

const lineBytes = (format: string) =>
  Buffer.byteLength(format.replace(/\$context\.[\w.]+/g, (name) => "x".repeat(WIDTHS[name] ?? OTHER_WIDTH)));

/** A line in JSON with these fields of CloudFront's, some ten characters in each. */
const deliveredBytes = (fields: readonly string[]) =>
  fields.reduce((sum, field) => sum + Buffer.byteLength(`"${field}":"",`) + 10, 2);

const OURS = "SuccessManager";

/** Names of metrics of our own, each with its dimensions: that is what CloudWatch counts. */
function customMetrics(resources: readonly Resource[]): number {
  const found = new Set<string>();
  const add = (name: string, dimensions: readonly string[]) =>
    found.add([name, ...dimensions.toSorted()].join(" "));
  const addMetric = (metric?: {
    Namespace?: string;
    MetricName: string;
    Dimensions?: { Name: string; Value: string }[];
  }) => {
    if (metric?.Namespace === OURS)
      add(
        metric.MetricName,
        (metric.Dimensions ?? []).map(({ Name, Value }) => `${Name}=${Value}`),
      );
  };
  const filtered: string[] = [];
  for (const { Type, Properties } of resources) {
    if (Type === "AWS::CloudWatch::Alarm") {
      addMetric(Properties);
      for (const { MetricStat } of Properties.Metrics ?? []) addMetric(MetricStat?.Metric);
    }
    if (Type === "AWS::Logs::MetricFilter")
      for (const { MetricName } of Properties.MetricTransformations) filtered.push(MetricName);
    if (Type === "AWS::CloudWatch::Dashboard") {
      // A text put together from pieces; the metrics in it are lists that begin with the namespace.
      const body = JSON.stringify(Properties.DashboardBody).replaceAll("\\", "");
      for (const [, name = "", rest = ""] of body.matchAll(/\["SuccessManager","(\w+)"((?:,"[^"]*")*)/g)) {
        const words = [...rest.matchAll(/"([^"]*)"/g)].map(([, word = ""]) => word);
        add(
          name,
          words.flatMap((word, i) => (i % 2 === 0 ? [`${word}=${words[i + 1]}`] : [])),
        );
      }
    }
  }
  // A filter takes its dimensions from the line; where somebody looks at the metric, it is counted already.
  const looked = new Set([...found].map((metric) => metric.split(" ")[0]));
  return found.size + new Set(filtered.filter((name) => !looked.has(name))).size;
}

/** Of the two stages of a backup plan, days and months that copies are kept: about as many there are at a time. */
function backupCopies(resources: readonly Resource[]): number {
  const rules = resources
    .filter(({ Type }) => Type === "AWS::Backup::BackupPlan")
    .flatMap(({ Properties }) => Properties.BackupPlan.BackupPlanRule);
  return rules.reduce((sum: number, { Lifecycle, ScheduleExpression = "" }) => {
    const days = Number(Lifecycle?.DeleteAfterDays ?? 0);
    // cron(30 3 1 * ? *): a day of the month.
    const isMonthly = /^cron\(\S+ \S+ \d/.test(ScheduleExpression);
    return sum + (isMonthly ? days / 30 : days);
  }, 0);
}

/** What of these resources costs by itself, whatever is asked of them. */
export function inventoryOf(resources: readonly Resource[]): Inventory {
  const of = (type: string) => resources.filter(({ Type }) => Type === type);
  const functions = of("AWS::Lambda::Function");
  /** Of most functions of a kind: those that keep the directory have more. */
  const memory = (kind: string) => {
    const sizes = functions
      .filter(({ Properties }) => String(Properties.Description).startsWith(`functions/${kind}/`))
      .map(({ Properties }) => Number(Properties.MemorySize))
      .sort((one, other) => one - other);
    return sizes[Math.floor(sizes.length / 2)] ?? 128;
  };
  const [acl] = of("AWS::WAFv2::WebACL");
  const [stage] = of("AWS::ApiGatewayV2::Stage");
  const { logLevel, logRetentionDays } = stageOf("prod", productionSettings());
  return {
    memory: { api: memory("api"), jobs: memory("jobs"), streams: memory("streams") },
    functions: functions.length,
    alarmMetrics: of("AWS::CloudWatch::Alarm").reduce(
      (sum, { Properties }) =>
        sum +
        Math.max(
          1,
          (Properties.Metrics ?? []).filter((one: { MetricStat?: object }) => one.MetricStat).length,
        ),
      0,
    ),
    customMetrics: customMetrics(resources),
    dashboards: of("AWS::CloudWatch::Dashboard").length,
    secrets: of("AWS::SecretsManager::Secret").length,
    ownKeys: of("AWS::KMS::Key").length,
    isPlatformLogged: functions.some(
      ({ Properties }) => (Properties.LoggingConfig?.SystemLogLevel ?? "INFO") !== "WARN",
    ),
    isTraced: functions.some(({ Properties }) => Properties.TracingConfig?.Mode === "Active"),
    edge:
      of("AWS::CloudFront::Distribution").length > 0
        ? {
            rules: acl?.Properties.Rules?.length ?? 0,
            functions: of("AWS::CloudFront::Function").length,
            logBytes: of("AWS::Logs::Delivery").reduce(
              (sum, { Properties }) => sum + deliveredBytes(Properties.RecordFields ?? []),
              0,
            ),
          }
        : undefined,
    accessLogBytes: lineBytes(stage?.Properties.AccessLogSettings?.Format ?? ""),
    logLevel,
    logRetentionDays,
    backupCopies: backupCopies(resources),
  };
}
