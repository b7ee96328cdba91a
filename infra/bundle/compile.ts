import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build, type Metafile, type Plugin } from "esbuild";

/** A file to make of a module and all that it imports. */
export interface Entry {
  readonly name: string;
  /** Path of the module. */
  readonly source: string;
}

/** The file that was made. */
export interface Compiled {
  readonly name: string;
  readonly code: Uint8Array;
  readonly map: Uint8Array;
  /** Files that it loads by `import(…)`, as it names them: `./bcryptjs.mjs`. */
  readonly loads: readonly string[];
}

export interface Compilation {
  readonly files: readonly Compiled[];
  /** esbuild's own account of what is in them. */
  readonly metafile: Metafile;
}

const aliased = (file: string) => join(import.meta.dirname, "aliases", file);

/** What bundles hold instead of an installed module; each file says why. */
const ALIASES = {
  "@aws-sdk/credential-provider-node": aliased("credential-provider-node.js"),
  electrodb: aliased("electrodb.js"),
  jsonschema: aliased("jsonschema.js"),
  "node-gyp-build": aliased("node-gyp-build.cjs"),
  "node:http": aliased("node-http.cjs"),
};

/** ElectroDB's own requests of the SDK; everybody else's imports are left alone. */
const electrodbSdk: Plugin = {
  name: "SDK of ElectroDB",
  setup({ onResolve }) {
    onResolve({ filter: /^@aws-sdk\/(lib|util)-dynamodb$/ }, ({ kind, importer }) =>
      kind === "require-call" && importer.includes("/electrodb/")
        ? { path: aliased("electrodb-sdk.cjs") }
        : undefined,
    );
  },
};

/** A language's number and how much a group of letters speaks for it. */
type Scores = Readonly<Record<string, number>>;
interface Ngrams {
  readonly ngrams: Readonly<Record<string, Scores>>;
}

/**
 * The table by which eld tells languages, from which it comes as an object with 50 000 objects in it: V8 takes 57 MB to
 * read that as code, and keeps 30. The same table as JSON, whose equal entries are one, takes a third of both.
 */
const languageTable: Plugin = {
  name: "table of eld",
  setup({ onLoad }) {
    onLoad({ filter: /[\\/]eld[\\/]src[\\/]ngrams[\\/]\w+\.js$/ }, async ({ path }) => {
      const { ngramsData }: { ngramsData: Ngrams } = await import(pathToFileURL(path).href);
      const { ngrams, ...about } = ngramsData;
      const byScores = Map.groupBy(Object.keys(ngrams), (ngram) => JSON.stringify(ngrams[ngram]));
      const groups = Array.from(byScores, ([scores, some]) => [JSON.parse(scores), ...some]);
      return {
        contents:
          `const ngrams={};for(const[scores,...some]of JSON.parse(${JSON.stringify(JSON.stringify(groups))}))` +
          `for(const ngram of some)ngrams[ngram]=scores;export const ngramsData={...${JSON.stringify(about)},ngrams}`,
      };
    });
  },
};

/** CommonJS packages call `require` for Node's own modules, and ask for their folder; an ES module has neither by itself. */
const banner =
  `import{createRequire as $require}from"node:module";` +
  `const require=$require(import.meta.url),__dirname=import.meta.dirname;`;

/** Makes a minified ES module of each entry, all in one go. Throws when one does not compile. */
export async function compile(
  entries: readonly Entry[],
  { root, plugins }: { readonly root: string; readonly plugins: readonly Plugin[] },
): Promise<Compilation> {
  // Where nothing is written; the sources that a map names are relative to it.
  const outdir = join(root, ".build/maps");
  const { outputFiles, metafile } = await build({
    entryPoints: entries.map(({ name, source }) => ({ in: source, out: name })),
    outdir,
    outExtension: { ".js": ".mjs" },
    absWorkingDir: root,
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    // A package that comes both as CommonJS and as ES modules is taken as the latter: only what is imported is kept.
    mainFields: ["module", "main"],
    alias: ALIASES,
    plugins: [electrodbSdk, languageTable, ...plugins],
    banner: { js: banner },
    minify: true,
    legalComments: "none",
    sourcemap: "external",
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const made = new Map(outputFiles.map(({ path, contents }) => [path, contents]));
  const contents = (file: string) => {
    const found = made.get(join(outdir, file));
    if (found === undefined) throw new Error(`esbuild made no ${file}`);
    return found;
  };
  const files = entries.map(({ name }) => ({
    name,
    code: contents(`${name}.mjs`),
    map: contents(`${name}.mjs.map`),
    loads: (metafile.outputs[`.build/maps/${name}.mjs`]?.imports ?? [])
      .filter(({ kind, external }) => kind === "dynamic-import" && external)
      .map(({ path }) => path),
  }));
  return { files, metafile };
}
