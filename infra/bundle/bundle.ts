import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Metafile } from "esbuild";
import { projectRoot } from "../context.ts";
import { binaries, fonts, pageAssets } from "./assets.ts";
import { compile } from "./compile.ts";
import { lazyParts, merge, partsOf } from "./lazy-parts.ts";

/** The finished bundles. */
export interface Bundles {
  /** The folder that becomes the function's code. Throws for a name that was not bundled. */
  folder(name: string): string;
  /** Minified bytes of each function's index.mjs, which is all that it loads before it is asked for something. */
  readonly bytes: ReadonlyMap<string, number>;
  /** What went into them: esbuild's metafile, also in `<out>/maps/metafile.json`. */
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

  const lazy = lazyParts();
  const entries = names.map((name) => ({
    name: dashed(name),
    source: join(root, "functions", `${name}.ts`),
  }));
  const functions = await compile(entries, { root, plugins: [lazy.plugin] });
  const parts = await lazy.compile(root);
  for (const name of lazy.missing)
    console.warn(`${name} is not installed here: what is bundled does without it, and takes longer.`);

  const folderOf = (name: string) => join(out, "functions", dashed(name));
  removeStale(join(out, "functions"), new Set(names.map(dashed)));
  const bytes = new Map<string, number>();
  for (const name of names) {
    const file = functions.files.find(({ name: output }) => output === dashed(name));
    if (file === undefined) throw new Error(`esbuild made no ${name}`);
    const { code } = file;
    const later = partsOf(file, parts.files);
    writeFolder(
      folderOf(name),
      new Map([
        ["index.mjs", code],
        ...later,
        ...pageAssets(root, name),
        ...fonts(root, later),
        ...binaries(root, later),
      ]),
    );
    bytes.set(name, code.byteLength);
  }
  const { files, metafile } = merge([functions, parts]);
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

/**
 * Makes `folder` hold exactly these files (paths relative to it, with `/`).
 *
 * A file that is already right is not touched, and a new one appears whole: two runs at the same time, such as the
 * tests beside a running `npm start`, do not see each other's half-written files.
 */
function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): void {
  mkdirSync(folder, { recursive: true });
  for (const stale of filesIn(folder)) if (!files.has(stale)) rmSync(join(folder, stale), { force: true });
  for (const [name, contents] of files) {
    const file = join(folder, name);
    if (existsSync(file) && readFileSync(file).equals(contents)) continue;
    mkdirSync(dirname(file), { recursive: true });
    const unfinished = `${file}.${process.pid}.tmp`;
    writeFileSync(unfinished, contents);
    renameSync(unfinished, file);
  }
}

const filesIn = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !entry.name.endsWith(".tmp"))
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));

/** A function that is no more leaves no bundle behind. */
function removeStale(folder: string, wanted: ReadonlySet<string>): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder))
    if (!wanted.has(name)) rmSync(join(folder, name), { recursive: true, force: true });
}

/** `api/health-scores` → `api-health-scores` */
const dashed = (name: string) => name.replace("/", "-");
