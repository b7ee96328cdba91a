import { isBuiltin } from "node:module";
import type { Plugin } from "esbuild";

/**
 * Takes a module of Node as it is where a library loads it later. `import()` of one reads every name that it exports,
 * and some load more as they are read: with `import("node:http")`, as the SDK does for its first request, comes all
 * of `fetch`: 15 ms of CPU.
 */
export const builtinsUnread: Plugin = {
  name: "node's modules unread",
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^[a-z]/ }, ({ path, kind }) =>
      kind === "dynamic-import" && isBuiltin(path) ? { path, namespace: "node" } : undefined,
    );
    onLoad({ filter: /./, namespace: "node" }, ({ path }) => ({
      contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});`,
    }));
  },
};
