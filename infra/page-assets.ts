import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Pages of others that we serve ourselves, so that `/docs` works without the internet and under a strict CSP. */
const libraries: Readonly<Record<string, readonly string[]>> = {
  "pages/docs": [
    "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css",
    "redoc/bundles/redoc.standalone.js",
  ],
};

/**
 * `assets/<file>.gz` for each file of functions/<name>/assets, of functions/pages/site/assets, which all pages have,
 * and of the libraries of a function `pages/…`; none for other functions. Compressed once here, because a Lambda
 * answer may have 6 MB at most and would be compressed again for every reader.
 */
export function pageAssets(root: string, name: string): [string, Uint8Array][] {
  if (!name.startsWith("pages/")) return [];
  const require = createRequire(join(root, "package.json"));
  const files = [
    ...(libraries[name] ?? []).map((file) => require.resolve(file)),
    ...["pages/site", name].flatMap((part) => filesIn(join(root, "functions", part, "assets"))),
  ];
  return files.map((file) => [`assets/${nameOf(file)}.gz`, gzipSync(readFileSync(file), { level: 9 })]);
}

const filesIn = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];

const nameOf = (file: string) => file.slice(file.lastIndexOf("/") + 1);
