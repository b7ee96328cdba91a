import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { compileFunction, constants } from "node:vm";

/**
 * Loads a function's module. In a Lambda an `index.js` is CommonJS unless the bundle's own package.json says
 * otherwise. Here a package.json further up, the repository's, would decide, so such a file is loaded by hand.
 */
export async function loadBundle(folder: string, file: string): Promise<Record<string, unknown>> {
  if (!file.endsWith(".js") || existsSync(join(folder, "package.json")))
    return import(pathToFileURL(file).href);
  const module = { exports: {} };
  const names = ["module", "exports", "require", "__filename", "__dirname"];
  const run = compileFunction(readFileSync(file, "utf8"), names, {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  run.call(module.exports, module, module.exports, createRequire(file), file, dirname(file));
  return module.exports;
}
