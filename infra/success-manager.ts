import { App, CfnOutput, Stack, Tags } from "aws-cdk-lib";
import type { CfnApi } from "aws-cdk-lib/aws-apigatewayv2";
import type { Key } from "aws-cdk-lib/aws-kms";
import { alarmStack, type Watched } from "./alarms.ts";
import { addPublicUrlEnv, apiRoutes, httpApi } from "./api.ts";
import { type Bundles, bundle } from "./bundle/bundle.ts";
import { type Context, commandLineContext } from "./context.ts";
import { dashboard } from "./dashboard.ts";
import { type Data, dataStack, keyInUse } from "./data.ts";
import { canaries } from "./delivery.ts";
import { type Edge, edge, edgeLogs, mapDomain, webAcl } from "./edge.ts";
import { functions } from "./functions.ts";
import { deadLetters, keyRotations, schedules } from "./jobs.ts";
import { topicsKey } from "./keys.ts";
import { mailEvents, mailRules } from "./mail.ts";
import { functionNames } from "./permissions.ts";
import { LOCAL, readSettings, regional, type Stage, stageOf } from "./stage.ts";
import { tableStream } from "./stream.ts";

/**
 * The whole app for one stage, ready to `synth()`: a stack that keeps data, one that serves it, and one
 * that tells people.
 *
 * - `context`: over that of cdk.json; `stage` names the stage
 * - `settings`: of the stage; from its file in `infra/stages` when absent
 * - `outdir`: where the templates go; cdk.out when absent, or where the CDK command line wants them
 * - `code`: finished bundles; made now when absent
 */
export async function successManager({
  context = {},
  settings,
  outdir = process.env.CDK_OUTDIR ?? "cdk.out",
  code,
}: {
  readonly context?: Context;
  readonly settings?: unknown;
  readonly outdir?: string;
  readonly code?: Bundles;
} = {}): Promise<App> {
  const app = new App({
    outdir,
    analyticsReporting: false,
    context: { ...commandLineContext(), ...context },
  });
  const name = String(app.node.tryGetContext("stage"));
  // Only under the CDK command line, which says where the output goes: the account alone may be in anybody's shell.
  if (name === LOCAL && process.env.CDK_OUTDIR && process.env.CDK_DEFAULT_ACCOUNT)
    throw new Error(`Stage ${LOCAL} is for npm start. To deploy, name another: --context stage=dev`);
  const stage = stageOf(name, settings ?? readSettings(name));
  const data = dataStack(app, stage);
  const service = serviceStack(app, stage, data, code ?? (await bundle(functionNames)));
  routesStack(app, stage, service);
  if (service.edge) edgeLogs(app, stage, service.edge.distribution);
  alarmStack(app, stage, service.watched);
  return app;
}

interface Service {
  readonly stack: Stack;
  readonly api: CfnApi;
  readonly edge: Edge | undefined;
  readonly watched: Watched;
  /** For its logs. */
  readonly logKey: Key | undefined;
}

/** Everything that can be thrown away and deployed again: functions, gateway, schedules, the dashboard. */
function serviceStack(app: App, stage: Stage, data: Data, code: Bundles): Service {
  const stack = new Stack(app, `SuccessManagerService-${stage.name}`, {
    description: `Success Manager (${stage.name}): what runs`,
    terminationProtection: !stage.disposable,
    ...regional(stage),
  });
  // CloudFormation's schema of a dashboard knows no tags, and neither does cfn-lint.
  Tags.of(stack).add("stage", stage.name, { excludeResourceTypes: ["AWS::CloudWatch::Dashboard"] });

  const failures = deadLetters(stack, stage, keyInUse(stage, data.key));
  const rules = mailRules(stack, stage);
  const lambdas = functions(stack, stage, { data, code, failures, rules });
  const api = httpApi(stack, stage, lambdas);
  const front = stage.edge ? edge(stack, stage, api, lambdas, webAcl(app, stage)) : undefined;
  const address = addPublicUrlEnv(stage, api, front?.distribution, lambdas);
  schedules(stack, stage, lambdas, failures, data.key);
  keyRotations(stack, stage, lambdas, data);
  tableStream(stack, stage, lambdas, data.table, failures);
  const topics = topicsKey(stack, stage);
  mailEvents(stack, rules, lambdas, failures, topics);
  const watched = { api, table: data.table, lambdas, failures, topicsKey: topics };
  dashboard(stack, stage, watched);
  canaries(stack, stage, api, lambdas);

  new CfnOutput(stack, "ApiUrl", { value: address });
  if (front && stage.domain && !stage.domain.hostedZone)
    new CfnOutput(stack, "DomainRecord", {
      description: "To be made where the domain's names are kept",
      value: `${stage.domain.name} CNAME ${front.distribution.domainName}`,
    });
  new CfnOutput(stack, "TableName", { value: data.table.tableName });
  return { stack, api, edge: front, watched, logKey: keyInUse(stage, data.key) };
}

/** The gateway's routes; after the functions, see `apiRoutes`. */
function routesStack(app: App, stage: Stage, service: Service): void {
  const stack = new Stack(app, `SuccessManagerRoutes-${stage.name}`, {
    description: `Success Manager (${stage.name}): what the gateway hands to whom`,
    terminationProtection: !stage.disposable,
    ...regional(stage),
  });
  Tags.of(stack).add("stage", stage.name);
  stack.addStackDependency(service.stack, "A route is there when its function knows it");
  const deployed = apiRoutes(stack, stage, service.api, service.logKey);
  if (service.edge?.domain) mapDomain(stack, service.api, deployed, service.edge.domain);
}
