import { existsSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type Assembly, type Resource, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";

/** A Lambda function as the template describes it, ready to be started. */
export type FunctionDefinition = {
  readonly name: string;
  readonly arn: string;
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

/** All functions of the template that come as zip assets. Inline code and images throw. */
export function functionsOf(assembly: Assembly, resolver: Resolver): FunctionDefinition[] {
  return resourcesOf(assembly, "AWS::Lambda::Function").map((resource) => {
    const properties = resolver.properties(resource, Properties);
    const folder = bundleFolderOf(resource, assembly, resolver);
    const dot = properties.Handler.lastIndexOf(".");
    return {
      name: resolver.nameOf(resource),
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
