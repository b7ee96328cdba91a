import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as z from "zod";

/** One resource of a synthesized CloudFormation template, its properties not resolved yet. */
export type Resource = {
  readonly stack: string;
  readonly id: string;
  readonly type: string;
  readonly properties: Readonly<Record<string, unknown>>;
  readonly metadata: Readonly<Record<string, unknown>>;
};

export type Stack = {
  readonly name: string;
  readonly resources: ReadonlyMap<string, Resource>;
  readonly parameters: ReadonlyMap<string, unknown>;
  readonly exports: ReadonlyMap<string, unknown>;
};

/** What `cdk synth` wrote: all stacks and the folders of the file assets. */
export type Assembly = {
  readonly folder: string;
  readonly stacks: readonly Stack[];
  /** Folder or file of an asset, by the hash that names it. */
  readonly assets: ReadonlyMap<string, string>;
};

const unknowns = z.record(z.string(), z.unknown());

const Template = z.object({
  Resources: z
    .record(
      z.string(),
      z.object({ Type: z.string(), Properties: unknowns.default({}), Metadata: unknowns.default({}) }),
    )
    .default({}),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown().optional() })).default({}),
  Outputs: z
    .record(z.string(), z.object({ Value: z.unknown(), Export: z.object({ Name: z.unknown() }).optional() }))
    .default({}),
});

const AssetManifest = z.object({
  files: z.record(z.string(), z.object({ source: z.object({ path: z.string().optional() }) })).default({}),
});

/**
 * Reads every `<Stack>.template.json` and `<Stack>.assets.json` of a cloud assembly folder.
 * Throws when the folder holds no template.
 */
export function readAssembly(folder: string): Assembly {
  const names = existsSync(folder) ? readdirSync(folder) : [];
  const templates = names.filter((name) => name.endsWith(".template.json"));
  if (templates.length === 0) throw new Error(`${folder} holds no <Stack>.template.json; synthesize first`);
  const assets = names
    .filter((name) => name.endsWith(".assets.json"))
    .flatMap((name) => assetsOf(folder, name));
  return { folder, stacks: templates.map((name) => readStack(folder, name)), assets: new Map(assets) };
}

/** All resources of one CloudFormation type, over all stacks. */
export function resourcesOf(assembly: Assembly, ...types: readonly string[]): Resource[] {
  return assembly.stacks.flatMap((stack) =>
    [...stack.resources.values()].filter((resource) => types.includes(resource.type)),
  );
}

function readStack(folder: string, file: string): Stack {
  const template = Template.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  const name = basename(file, ".template.json");
  const resources = Object.entries(template.Resources).map(([id, resource]): [string, Resource] => [
    id,
    { stack: name, id, type: resource.Type, properties: resource.Properties, metadata: resource.Metadata },
  ]);
  const parameters = Object.entries(template.Parameters).map(([id, { Default }]): [string, unknown] => [
    id,
    Default,
  ]);
  // CDK names its exports with plain strings; an export with a computed name has no importer in CDK code.
  const exported = Object.values(template.Outputs).flatMap((output): [string, unknown][] =>
    typeof output.Export?.Name === "string" ? [[output.Export.Name, output.Value]] : [],
  );
  return { name, resources: new Map(resources), parameters: new Map(parameters), exports: new Map(exported) };
}

function assetsOf(folder: string, file: string): [string, string][] {
  const manifest = AssetManifest.parse(JSON.parse(readFileSync(join(folder, file), "utf8")));
  return Object.entries(manifest.files).flatMap(([hash, { source }]): [string, string][] =>
    source.path === undefined ? [] : [[hash, join(folder, source.path)]],
  );
}
