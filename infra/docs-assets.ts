import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

/** Pages of others that we serve ourselves, so that `/docs` works without the internet and under a strict CSP. */
const libraries = [
  "swagger-ui-dist/swagger-ui-bundle.js",
  "swagger-ui-dist/swagger-ui.css",
  "redoc/bundles/redoc.standalone.js",
];

/**
 * `assets/<file>.gz` for each library file and each file of functions/pages/assets. Compressed once here, because a
 * Lambda answer may have 6 MB at most and would be compressed again for every reader.
 */
export function docsAssets(root: string): [string, Uint8Array][] {
  const require = createRequire(join(root, "package.json"));
  const own = join(root, "functions/pages/assets");
  const files = [
    ...libraries.map((file) => require.resolve(file)),
    ...(existsSync(own) ? readdirSync(own).map((file) => join(own, file)) : []),
  ];
  return files.map((file) => [`assets/${nameOf(file)}.gz`, gzipSync(readFileSync(file), { level: 9 })]);
}

const nameOf = (file: string) => file.slice(file.lastIndexOf("/") + 1);
