import { App } from "aws-cdk-lib";
import { type Bundles, bundle } from "./bundle/bundle.ts";
import { type Context, commandLineContext } from "./context.ts";
import { dataStack } from "./data.ts";
import { functionNames } from "./permissions.ts";
import { serviceStack } from "./service.ts";
import { stageOf } from "./stage.ts";

/**
 * The whole app for one stage, ready to `synth()`: a stack that keeps data and one that serves it.
 *
 * - `context`: settings of the stage, over those of cdk.json
 * - `outdir`: where the templates go; cdk.out when absent, or where the CDK command line wants them
 * - `code`: finished bundles; made now when absent
 */
export async function successManager({
  context = {},
  outdir = process.env.CDK_OUTDIR ?? "cdk.out",
  code,
}: {
  readonly context?: Context;
  readonly outdir?: string;
  readonly code?: Bundles;
} = {}): Promise<App> {
  const app = new App({
    outdir,
    analyticsReporting: false,
    context: { ...commandLineContext(), ...context },
  });
  const stage = stageOf(app);
  const data = dataStack(app, stage);
  serviceStack(app, stage, data, code ?? (await bundle(functionNames)));
  return app;
}
