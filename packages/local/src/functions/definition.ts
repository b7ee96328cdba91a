import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type Assembly, type Resource, resourcesOf } from "../template/assembly.ts";
import { functionIn } from "../template/references.ts";
import type { Resolver } from "../template/resolver.ts";

/** A Lambda function as the template describes it, ready to be started. */
export type FunctionDefinition = {
  readonly name: string;
  readonly arn: string;
  /** The version and the aliases under which it can be called, beside `$LATEST`. */
  readonly qualifiers: readonly string[];
  /** Unpacked bundle. */
  readonly folder: string;
  /** Absolute path of the module that holds the handler. */
  readonly module: string;
  /** Name of the exported handler. */
  readonly handler: string;
  readonly timeoutMs: number;
  readonly memoryMb: number;
  readonly variables: Readonly<Record<string, string>>;
};

const Properties = z.object({
  Handler: z.string(),
  // Lambda's own defaults: 3 seconds, 128 MB.
  Timeout: z.coerce.number().default(3),
  MemorySize: z.coerce.number().default(128),
  Environment: z.object({ Variables: z.record(z.string(), z.coerce.string()).default({}) }).optional(),
});

const Code = z.object({ Code: z.object({ S3Key: z.string() }) });

const Alias = z.object({ FunctionName: z.string(), FunctionVersion: z.string(), Name: z.string() });

/**
 * The versions and aliases of all functions, as `function:qualifier`. Throws for an alias of a version that its
 * function does not have.
 */
function qualifiedNames(assembly: Assembly, resolver: Resolver): string[] {
  const versions = resourcesOf(assembly, "AWS::Lambda::Version").map((version) => resolver.nameOf(version));
  const aliases = resourcesOf(assembly, "AWS::Lambda::Alias").map((alias) => {
    const { FunctionName, FunctionVersion } = resolver.properties(alias, Alias);
    const version = `${functionIn(FunctionName).name}:${FunctionVersion}`;
    if (FunctionVersion !== "$LATEST" && !versions.includes(version))
      throw new Error(`${alias.stack}/${alias.id}: there is no version ${version}`);
    return resolver.nameOf(alias);
  });
  return [...versions, ...aliases];
}

/** All functions of the template that come as zip assets. Inline code and images throw. */
export function functionsOf(assembly: Assembly, resolver: Resolver): FunctionDefinition[] {
  const qualified = qualifiedNames(assembly, resolver).map(functionIn);
  return resourcesOf(assembly, "AWS::Lambda::Function").map((resource) => {
    const properties = resolver.properties(resource, Properties);
    const folder = bundleFolderOf(resource, assembly, resolver);
    const dot = properties.Handler.lastIndexOf(".");
    const name = resolver.nameOf(resource);
    return {
      name,
      qualifiers: qualified.flatMap((one) => (one.name === name ? (one.qualifier ?? []) : [])),
      arn: resolver.attributeOf(resource, "Arn"),
      folder,
      module: findModule(folder, properties.Handler.slice(0, dot), resource),
      handler: properties.Handler.slice(dot + 1),
      timeoutMs: properties.Timeout * 1000,
      memoryMb: properties.MemorySize,
      variables: properties.Environment?.Variables ?? {},
    };
  });
}

/** The CDK toolkit notes the folder in the metadata; a plain `node app.ts` only names the asset by its hash. */
function bundleFolderOf(resource: Resource, assembly: Assembly, resolver: Resolver): string {
  const path = resource.metadata["aws:asset:path"];
  if (typeof path === "string") return join(assembly.folder, path);
  const hash = resolver
    .properties(resource, Code)
    .Code.S3Key.replace(/^.*\//, "")
    .replace(/\.zip$/, "");
  return assembly.assets.get(hash) ?? join(assembly.folder, `asset.${hash}`);
}

function findModule(folder: string, name: string, resource: Resource): string {
  const found = [".mjs", ".js", ".cjs"].map((ending) => join(folder, name + ending)).find(existsSync);
  if (found === undefined)
    throw new Error(`${resource.stack}/${resource.id}: no ${name}.mjs, .js or .cjs in ${folder}`);
  return found;
}
