import { type App, CfnOutput, Stack, Tags } from "aws-cdk-lib";
import { alarms } from "./alarms.ts";
import { httpApi, tellAddress } from "./api.ts";
import type { Bundles } from "./bundle/bundle.ts";
import type { Data } from "./data.ts";
import { functions } from "./functions.ts";
import { deadLetters, schedules } from "./jobs.ts";
import type { Stage } from "./stage.ts";
import { rollupStream } from "./stream.ts";

/** Everything that can be thrown away and deployed again: functions, gateway, schedules, alarms. */
export function serviceStack(app: App, stage: Stage, data: Data, code: Bundles): Stack {
  const stack = new Stack(app, `SuccessManagerService-${stage.name}`, {
    description: `Success Manager (${stage.name}): what runs`,
    terminationProtection: !stage.disposable,
  });
  Tags.of(stack).add("stage", stage.name);

  const failures = deadLetters(stack, stage);
  const lambdas = functions(stack, stage, { data, code, failures });
  const api = httpApi(stack, stage, lambdas);
  tellAddress(api, lambdas);
  schedules(stack, stage, lambdas, failures);
  const rollups = lambdas.get("streams/rollups");
  if (rollups === undefined) throw new Error("streams/rollups is not deployed");
  rollupStream(stack, stage, rollups, data.table, failures);
  alarms(stack, stage, { api, lambdas, failures });

  new CfnOutput(stack, "ApiUrl", { value: api.attrApiEndpoint });
  new CfnOutput(stack, "TableName", { value: data.table.tableName });
  return stack;
}
