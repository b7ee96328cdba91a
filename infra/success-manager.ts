import { App, CfnOutput, Stack, Tags } from "aws-cdk-lib";
import { alarmStack, type Watched } from "./alarms.ts";
import { addPublicUrlEnv, httpApi } from "./api.ts";
import { type Bundles, bundle } from "./bundle/bundle.ts";
import { type Context, commandLineContext } from "./context.ts";
import { dashboard } from "./dashboard.ts";
import { type Data, dataStack } from "./data.ts";
import { functions } from "./functions.ts";
import { deadLetters, schedules } from "./jobs.ts";
import { mailRules } from "./mail.ts";
import { functionNames } from "./permissions.ts";
import { LOCAL, readSettings, type Stage, stageOf } from "./stage.ts";
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
  alarmStack(app, stage, serviceStack(app, stage, data, code ?? (await bundle(functionNames))));
  return app;
}

/** Everything that can be thrown away and deployed again: functions, gateway, schedules, the dashboard. */
function serviceStack(app: App, stage: Stage, data: Data, code: Bundles): Watched {
  const stack = new Stack(app, `SuccessManagerService-${stage.name}`, {
    description: `Success Manager (${stage.name}): what runs`,
    terminationProtection: !stage.disposable,
  });
  Tags.of(stack).add("stage", stage.name);

  const failures = deadLetters(stack, stage);
  const rules = mailRules(stack, stage);
  const lambdas = functions(stack, stage, { data, code, failures, rules });
  const api = httpApi(stack, stage, lambdas);
  addPublicUrlEnv(api, lambdas);
  schedules(stack, stage, lambdas, failures);
  tableStream(stack, stage, lambdas, data.table, failures);
  const watched = { api, table: data.table, lambdas, failures };
  dashboard(stack, stage, watched);

  new CfnOutput(stack, "ApiUrl", { value: api.attrApiEndpoint });
  new CfnOutput(stack, "TableName", { value: data.table.tableName });
  return watched;
}
