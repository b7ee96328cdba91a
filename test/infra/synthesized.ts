import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { App } from "aws-cdk-lib";
import { Template } from "aws-cdk-lib/assertions";
import type { Bundles } from "../../infra/bundle/bundle.ts";
import { type Context, projectRoot } from "../../infra/context.ts";
import { functionNames as names } from "../../infra/permissions.ts";
import { LOCAL, readSettings, stageNames } from "../../infra/stage.ts";
import { successManager } from "../../infra/success-manager.ts";

/** A synthesized app: its templates, and the folder they were written to. */
export interface Synthesized {
  readonly app: App;
  readonly data: Template;
  readonly service: Template;
  readonly routes: Template;
  readonly alarms: Template;
  readonly folder: string;
}

const folders: string[] = [];

/** Removes what the tests of a file have written. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
}

/** A new folder that is gone after the tests of the file (`clean-up.ts`). */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "infra-"));
  folders.push(folder);
  return folder;
}

let bundled: Bundles | undefined;

/**
 * All functions, as the synthesis before all tests has bundled them (global-setup.ts), which takes seconds. That another
 * bundling makes the same of them is what a test holds (rules.test.ts).
 */
export function bundledOnce(): Bundles {
  bundled ??= readBundles(join(projectRoot, ".build"));
  return bundled;
}

function readBundles(out: string): Bundles {
  const folder = (name: string) => join(out, "functions", name.replace("/", "-"));
  const file = (name: string) => join(folder(name), "index.mjs");
  return {
    folder(name) {
      if (!existsSync(file(name))) throw new Error(`${name} was not bundled`);
      return folder(name);
    },
    bytes: new Map(names.map((name) => [name, statSync(file(name)).size])),
    metafile: JSON.parse(readFileSync(join(out, "maps/metafile.json"), "utf8")),
  };
}

/** What production can't do without. */
export const PRODUCTION = {
  corsOrigins: ["https://app.example.com"],
  mail: { from: "team@example.com" },
  alarmEmail: "ops@example.com",
  region: "eu-central-1",
};

/** A domain whose records somebody else keeps. */
export const DOMAIN = {
  name: "api.example.com",
  certificateArn: "arn:aws:acm:us-east-1:123456789012:certificate/00000000-0000-4000-8000-000000000000",
};

/** By stage, settings and context: synthesis takes a second, and most tests ask for the same few. */
const synthesized = new Map<string, Promise<Synthesized>>();

/**
 * The app of a stage: with the settings of its file, where it has one, and those given over them; with the bundles that
 * all tests share, or with those given; with more of the command line's context. Tests of a worker that ask for the same
 * get the same, which they only read; with bundles of their own they get one in a folder that is gone after the file.
 */
export function synthesize(
  { stage = LOCAL, ...given }: Readonly<Record<string, unknown>> & { readonly stage?: string } = {},
  code?: Bundles,
  context: Context = {},
): Promise<Synthesized> {
  if (code) return synthesizeTo(temporaryFolder(), code, { stage, given, context });
  // What is undefined takes a setting away.
  const key = JSON.stringify([stage, given, context], (_name, value) =>
    value === undefined ? "absent" : value,
  );
  let found = synthesized.get(key);
  if (!found) {
    const folder = mkdtempSync(join(tmpdir(), "infra-"));
    found = synthesizeTo(folder, bundledOnce(), { stage, given, context });
    synthesized.set(key, found);
  }
  return found;
}

async function synthesizeTo(
  folder: string,
  code: Bundles,
  {
    stage,
    given,
    context,
  }: { readonly stage: string; readonly given: Readonly<Record<string, unknown>>; readonly context: Context },
): Promise<Synthesized> {
  const file = readSettings(stageNames().includes(stage) ? stage : "dev");
  const settings = { ...(file as object), ...(stage === "prod" && PRODUCTION), ...given };
  const app = await successManager({ context: { ...context, stage }, settings, outdir: folder, code });
  const assembly = app.synth();
  const template = (part: string) =>
    Template.fromJSON(assembly.getStackByName(`SuccessManager${part}-${stage}`).template);
  return {
    app,
    data: template("Data"),
    service: template("Service"),
    routes: template("Routes"),
    alarms: template("Alarms"),
    folder,
  };
}

/** The logical id that `{ "Fn::GetAtt": [id, …] }` or `{ Ref: id }` points at. */
export function logicalIdOf(reference: { Ref?: string; "Fn::GetAtt"?: [string, string] }): string {
  return reference.Ref ?? reference["Fn::GetAtt"]?.[0] ?? "";
}

/** `success-manager-local-api-customers` by logical id, for every function of the template. */
export function functionNames(service: Template): Map<string, string> {
  const found = Object.entries(service.findResources("AWS::Lambda::Function"));
  return new Map(found.map(([id, { Properties }]) => [id, Properties.FunctionName]));
}

/**
 * The name of the function whose version in use a value stands for: a reference to the alias `live`, or an ARN that is
 * put together from the name. Undefined for anything else, so for a function itself.
 */
export function liveFunction(service: Template, value: unknown): string | undefined {
  const [, named] = /:function:([\w-]+):live"/.exec(JSON.stringify(value ?? null)) ?? [];
  if (named) return named;
  const alias = service.findResources("AWS::Lambda::Alias")[logicalIdOf(value as { Ref?: string })];
  return alias?.Properties.Name === "live"
    ? functionNames(service).get(logicalIdOf(alias.Properties.FunctionName))
    : undefined;
}
