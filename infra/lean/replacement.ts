import { build, type Plugin } from "esbuild";
import { isAsked, resolved } from "../resolved.ts";

/** An installed module that bundles have in another form. */
export interface Replacement {
  /** As it is imported: `jsonschema`, or `./Sha256Js` within a package. */
  readonly module: string;
  /** Only where it is imported by files whose path holds this: `/electrodb/`. */
  readonly importer?: string;
  /** The code that stands there instead, given the path of the installed module. */
  readonly contents: (path: string) => string | Promise<string>;
}

const NAMESPACE = "lean";

const nameOf = ({ module, importer = "" }: Replacement) => `${importer}${module}`;

/** How esbuild's account of a bundle names what was replaced in it: `lean:jsonschema`. */
export const inputOf = (replacement: Replacement) => `${NAMESPACE}:${nameOf(replacement)}`;

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\/]/g, "\\$&");

export function replacing(replacement: Replacement): Plugin {
  const { module, importer: where = "", contents } = replacement;
  const name = nameOf(replacement);
  return {
    name: inputOf(replacement),
    setup(bundling) {
      bundling.onResolve({ filter: new RegExp(`^${escaped(module)}$`) }, async (wish) => {
        // What stands for a module may need the module itself.
        if (isAsked(wish) || wish.namespace === NAMESPACE || !wish.importer.includes(where)) return undefined;
        const installed = await resolved(bundling, wish);
        if (installed.errors.length > 0) return installed;
        return {
          path: name,
          namespace: NAMESPACE,
          pluginData: { path: installed.path, resolveDir: wish.resolveDir },
          sideEffects: false,
        };
      });
      bundling.onLoad(
        { filter: new RegExp(`^${escaped(name)}$`), namespace: NAMESPACE },
        async ({ pluginData }) => ({
          contents: await contents(pluginData.path),
          resolveDir: pluginData.resolveDir,
        }),
      );
    },
  };
}

/**
 * Code that exports what the installed module exports, each as a function that throws: for what nobody calls.
 * Should somebody begin to, they are told.
 *
 * @param instead code of what is needed after all, by name
 */
export const leftOut =
  (instead: Readonly<Record<string, string>> = {}) =>
  async (path: string): Promise<string> => {
    const names = (await exportsOf(path)).filter((name) => !Object.hasOwn(instead, name));
    return [
      ...Object.entries(instead).map(([name, code]) => `export const ${name} = ${code};`),
      `function leftOut() { throw new Error("Left out of bundles: infra/lean"); }`,
      `export { ${names.map((name) => `leftOut as ${name}`).join(", ")} };`,
    ].join("\n");
  };

/** The names that an ES module exports. */
async function exportsOf(path: string): Promise<readonly string[]> {
  const { metafile } = await build({
    entryPoints: [path],
    outdir: "never-written",
    write: false,
    metafile: true,
    logLevel: "error",
  });
  return Object.values(metafile.outputs).flatMap((output) => output.exports);
}
