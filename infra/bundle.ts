import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { build, type Metafile } from "esbuild";
import { projectRoot } from "./context.ts";
import { leanImports } from "./lean-imports.ts";
import { pageAssets } from "./page-assets.ts";
import { writeFolder } from "./write-folder.ts";

/** The finished bundles. */
export interface Bundles {
  /** The folder that becomes the function's code. Throws for a name that was not bundled. */
  folder(name: string): string;
  /** Minified bytes of each function's index.mjs. */
  readonly bytes: ReadonlyMap<string, number>;
  /** What went into them: esbuild's own account, also in `<out>/metafile.json`. */
  readonly metafile: Metafile;
}

/** CommonJS packages call `require` for Node's own modules; an ES module has none by itself. */
const banner = `import{createRequire as $require}from"node:module";const require=$require(import.meta.url);`;

/**
 * Bundles `functions/<name>.ts` into `<out>/functions/<name with dashes>/index.mjs`, all in one go.
 *
 * Source maps go to `<out>/maps`, beside and not into the bundles: a function that reads them starts slower, and a
 * minified stack can be read with them at a desk. Same sources, same bytes: the folders' hashes name the assets.
 *
 * Throws when an entry is missing or does not compile.
 */
export async function bundle(
  names: readonly string[],
  { root = projectRoot, out = join(root, ".build") }: { readonly root?: string; readonly out?: string } = {},
): Promise<Bundles> {
  const entries = names.map((name) => ({
    name,
    in: join(root, "functions", `${name}.ts`),
    out: dashed(name),
  }));
  const missing = entries.filter((entry) => !existsSync(entry.in)).map(({ name }) => `functions/${name}.ts`);
  if (missing.length > 0)
    throw new Error(`infra/permissions.ts names functions without a file: ${missing.join(", ")}`);

  const { outputFiles, metafile } = await build({
    entryPoints: entries.map((entry) => ({ in: entry.in, out: entry.out })),
    outdir: out,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // A package that comes both as CommonJS and as ES modules is taken as the latter, by CommonJS packages such as
    // ElectroDB too: one copy of the AWS SDK, without the parts that nobody imports.
    mainFields: ["module", "main"],
    plugins: [...leanImports],
    banner: { js: banner },
    minify: true,
    legalComments: "none",
    sourcemap: "external",
    metafile: true,
    write: false,
    logLevel: "error",
  });

  const built = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  const output = (file: string) => {
    const contents = built.get(join(out, file));
    if (contents === undefined) throw new Error(`esbuild made no ${file}`);
    return contents;
  };
  const folderOf = (name: string) => join(out, "functions", dashed(name));
  removeStale(join(out, "functions"), new Set(names.map(dashed)));
  const bytes = new Map<string, number>();
  for (const { name } of entries) {
    const code = output(`${dashed(name)}.mjs`);
    writeFolder(folderOf(name), new Map([["index.mjs", code], ...pageAssets(root, name)]));
    bytes.set(name, code.byteLength);
  }
  const maps = entries.map(({ name }): [string, Uint8Array] => [
    `${dashed(name)}.mjs.map`,
    output(`${dashed(name)}.mjs.map`),
  ]);
  writeFolder(
    join(out, "maps"),
    new Map([...maps, ["metafile.json", Buffer.from(JSON.stringify(metafile))]]),
  );
  return {
    folder(name) {
      if (!bytes.has(name)) throw new Error(`${name} was not bundled`);
      return folderOf(name);
    },
    bytes,
    metafile,
  };
}

/** A function that is no more leaves no bundle behind. */
function removeStale(folder: string, wanted: ReadonlySet<string>): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (!wanted.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** `api/health-scores` → `api-health-scores` */
const dashed = (name: string) => name.replace("/", "-");
