import { readFileSync } from "node:fs";
import { join } from "node:path";

export type Context = Readonly<Record<string, unknown>>;

/** The folder that holds cdk.json. */
export const projectRoot = join(import.meta.dirname, "..");

/** `["stage=prod"]` → `{ stage: "prod" }`, as the CDK command line reads `--context`. */
export function contextOf(pairs: readonly string[]): Context {
  return Object.fromEntries(
    pairs.map((pair) => {
      const [key, ...value] = pair.split("=");
      if (value.length === 0) throw new Error(`--context ${pair}: write key=value`);
      return [key, value.join("=")];
    }),
  );
}

/**
 * What the CDK command line would hand to the app: the context of cdk.json, and its switches for metadata.
 * With it `node infra/app.ts` writes the same templates as `cdk synth`; under the command line the same
 * values arrive a second time and change nothing.
 */
export function commandLineContext(): Context {
  const settings: { readonly context?: Context } = JSON.parse(
    readFileSync(join(projectRoot, "cdk.json"), "utf8"),
  );
  return {
    ...settings.context,
    // Leads from a function in the template to its folder in cdk.out; the local cloud follows it.
    "aws:cdk:enable-asset-metadata": true,
    "aws:cdk:enable-path-metadata": true,
    "aws:cdk:bundling-stacks": ["**"],
  };
}
