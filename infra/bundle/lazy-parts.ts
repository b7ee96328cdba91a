import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";
import manifest from "../../package.json" with { type: "json" };
import { type Compilation, type Compiled, compile, type Entry } from "./compile.ts";

/** What our modules load by `import(…)`, while they are compiled. */
export interface LazyParts {
  readonly plugin: Plugin;
  /** Optional packages that are not installed: a module that loads one has to do without it. */
  readonly missing: ReadonlySet<string>;
  /** Files of all that was met so far, and of what these load in turn. */
  compile(root: string): Promise<Compilation>;
}

/** Marks requests of the plugin itself, which it leaves to esbuild. */
const OWN_REQUEST = Symbol("lazy parts");

/**
 * Makes a file of its own of everything that a module of ours loads by `import(…)`, so that it is read and compiled
 * only where it is used. Such a part is complete in itself: what it shares with the function, it brings along once
 * more. So it is for libraries, and for code of ours that holds no state.
 *
 * Not esbuild's `splitting`: so that a folder holds its own function alone, that would need a build for each, several
 * times as long for all of them.
 */
export function lazyParts(): LazyParts {
  const sources = new Map<string, string>();
  const missing = new Set<string>();
  const plugin: Plugin = {
    name: "lazy parts",
    setup({ onResolve, resolve }) {
      onResolve({ filter: /./ }, async ({ kind, importer, path, resolveDir, pluginData }) => {
        if (kind !== "dynamic-import" || pluginData === OWN_REQUEST) return undefined;
        if (importer.includes("/node_modules/") || isBuiltin(path)) return undefined;
        const source = await resolve(path, { kind, importer, resolveDir, pluginData: OWN_REQUEST });
        if (source.errors.length > 0) {
          if (!(path in manifest.optionalDependencies)) return source;
          missing.add(path);
          return { path, external: true };
        }
        const name = nameOf(path);
        const before = sources.get(name) ?? source.path;
        if (before !== source.path) throw new Error(`${before} and ${source.path} would both be ${name}.mjs`);
        sources.set(name, source.path);
        return { path: `./${name}.mjs`, external: true };
      });
    },
  };

  return {
    plugin,
    missing,
    async compile(root) {
      const compiled: Compilation[] = [];
      const entries = () =>
        [...sources].map(([name, source]): Entry => ({ name: `${FOLDER}${name}`, source }));
      for (let done = 0; done < sources.size; ) {
        const met = entries().slice(done);
        done += met.length;
        compiled.push(await compile(met, { root, plugins: [plugin] }));
      }
      return merge(compiled);
    },
  };
}

/** Beside the functions, so that a part may be called like one. */
const FOLDER = "parts/";

/** `./lambda-client.ts` → `lambda-client`, `@scope/library` → `scope-library` */
const nameOf = (path: string) =>
  path
    .replace(/^[./@]+/, "")
    .replace(/\.ts$/, "")
    .replaceAll("/", "-");

/** The name that a part has in a function's folder: `@scope/library` → `scope-library.mjs` */
export const partFile = (path: string) => `${nameOf(path)}.mjs`;

/** The parts that a file loads, and those that they load in turn, by their names in its folder. */
export function partsOf(file: Compiled, parts: readonly Compiled[]): Map<string, Uint8Array> {
  const found = new Map<string, Uint8Array>();
  const follow = ({ loads }: Compiled) => {
    for (const path of loads) {
      const part = parts.find(({ name }) => `./${name.slice(FOLDER.length)}.mjs` === path);
      if (part === undefined || found.has(path.slice(2))) continue;
      found.set(path.slice(2), part.code);
      follow(part);
    }
  };
  follow(file);
  return found;
}

/** Several compilations as one. */
export const merge = (compiled: readonly Compilation[]): Compilation => ({
  files: compiled.flatMap(({ files }) => files),
  metafile: {
    inputs: Object.assign({}, ...compiled.map(({ metafile }) => metafile.inputs)),
    outputs: Object.assign({}, ...compiled.map(({ metafile }) => metafile.outputs)),
  },
});
