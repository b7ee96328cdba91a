import { existsSync, readFileSync } from "node:fs";
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

/** What the last synthesis wrote. Another one into the same folder leaves the templates of its stage there. */
const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z.object({ templateFile: z.string().optional(), file: z.string().optional() }).optional(),
    }),
  ),
});

/**
 * Reads the stacks of a cloud assembly folder and where their assets are, as its `manifest.json` names them.
 * Throws when the folder holds none.
 */
export function readAssembly(folder: string): Assembly {
  const file = join(folder, "manifest.json");
  if (!existsSync(file)) throw new Error(`${folder} holds no manifest.json; synthesize first`);
  const artifacts = Object.values(Manifest.parse(JSON.parse(readFileSync(file, "utf8"))).artifacts);
  const named = (type: string, property: "templateFile" | "file") =>
    artifacts.flatMap(({ type: given, properties }) =>
      given === type ? (properties?.[property] ?? []) : [],
    );
  const templates = named("aws:cloudformation:stack", "templateFile");
  if (templates.length === 0) throw new Error(`${file} names no stack; synthesize first`);
  const assets = named("cdk:asset-manifest", "file").flatMap((name) => assetsOf(folder, name));
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
