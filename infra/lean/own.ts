import type { Plugin } from "esbuild";
import { isAsked, resolved } from "../resolved.ts";

/** Modules of ours that do something when they are loaded: set the words of zod's refusals, for all schemas. */
export const EFFECTIVE: readonly string[] = ["packages/contract/src/values.ts"];

/**
 * All other modules of ours only declare. So what a function merely passes through on the way to something else is
 * left out, with its schemas: a tenth of the time to load some functions.
 */
export const ownModulesDeclare: Plugin = {
  name: "own modules declare",
  setup(bundling) {
    bundling.onResolve({ filter: /^(\.|@success-manager\/)/ }, async (wish) => {
      if (isAsked(wish) || wish.importer.includes("/node_modules/")) return undefined;
      const found = await resolved(bundling, wish);
      return { ...found, sideEffects: EFFECTIVE.some((file) => found.path.endsWith(`/${file}`)) };
    });
  },
};
