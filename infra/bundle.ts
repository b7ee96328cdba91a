import { existsSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Metafile } from "esbuild";
import { compile, type Entry } from "./compile.ts";
import { projectRoot } from "./context.ts";
import { fonts } from "./fonts.ts";
import { lazyParts, partsOf, together } from "./lazy-parts.ts";
import { describesSchemas, lean, leanest } from "./lean/index.ts";
import { pageAssets } from "./page-assets.ts";
import { writeFolder } from "./write-folder.ts";

/** The finished bundles. */
export interface Bundles {
  /** The folder that becomes the function's code. Throws for a name that was not bundled. */
  folder(name: string): string;
  /** Minified bytes of each function's index.mjs, which is all that it loads before it is asked for something. */
  readonly bytes: ReadonlyMap<string, number>;
  /** What went into them: esbuild's own account, also in `<out>/maps/metafile.json`. */
  readonly metafile: Metafile;
}

/**
 * Bundles `functions/<name>.ts` into `<out>/functions/<name with dashes>/index.mjs`, with the parts beside it that
 * are loaded later, and the files that pages or printed documents are made of.
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
  const missing = names.map((name) => `functions/${name}.ts`).filter((file) => !existsSync(join(root, file)));
  if (missing.length > 0)
    throw new Error(`infra/permissions.ts names functions without a file: ${missing.join(", ")}`);

  const [describing, others] = [
    names.filter(describesSchemas),
    names.filter((name) => !describesSchemas(name)),
  ];
  const entryOf = (name: string): Entry => ({
    name: dashed(name),
    source: join(root, "functions", `${name}.ts`),
  });
  const lazy = lazyParts();
  const functions = together(
    await Promise.all([
      compile(others.map(entryOf), { root, plugins: [lazy.plugin, ...leanest] }),
      compile(describing.map(entryOf), { root, plugins: [lazy.plugin, ...lean] }),
    ]),
  );
  const parts = await lazy.compile({ root, plugins: lean });

  const folderOf = (name: string) => join(out, "functions", dashed(name));
  removeStale(join(out, "functions"), new Set(names.map(dashed)));
  const bytes = new Map<string, number>();
  for (const name of names) {
    const file = functions.files.find((made) => made.name === dashed(name));
    if (file === undefined) throw new Error(`esbuild made no ${name}`);
    const { code } = file;
    const later = partsOf(file, parts.files);
    writeFolder(
      folderOf(name),
      new Map([["index.mjs", code], ...later, ...pageAssets(root, name), ...fonts(root, later)]),
    );
    bytes.set(name, code.byteLength);
  }
  const { files, metafile } = together([functions, parts]);
  writeFolder(
    join(out, "maps"),
    new Map([
      ...files.map(({ name, map }): [string, Uint8Array] => [`${name}.mjs.map`, map]),
      ["metafile.json", Buffer.from(JSON.stringify(metafile))],
    ]),
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
