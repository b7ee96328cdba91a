import { existsSync, readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { createReference } from "@success-manager/contract/reference/document";
import type { Examples } from "@success-manager/contract/reference/examples";
import { partFile } from "./lazy-parts.ts";

/** Pages of others that we serve ourselves, so that `/docs` works without the internet and under a strict CSP. */
const LIBRARIES: Readonly<Record<string, readonly string[]>> = {
  "pages/docs": [
    "swagger-ui-dist/swagger-ui-bundle.js",
    "swagger-ui-dist/swagger-ui.css",
    "redoc/bundles/redoc.standalone.js",
  ],
};

/**
 * `assets/<file>.gz` for each file of functions/<name>/assets, of functions/pages/site/assets, which all pages have,
 * of the libraries of a function `pages/…`, and the document that the docs show; none for other functions. Compressed once here, because a Lambda
 * answer may have 6 MB at most and would be compressed again for every reader.
 */
export function pageAssets(root: string, name: string): [string, Uint8Array][] {
  if (!name.startsWith("pages/")) return [];
  const require = createRequire(join(root, "package.json"));
  const files = [
    ...(LIBRARIES[name] ?? []).map((file) => require.resolve(file)),
    ...["pages/site", name].flatMap((part) => filesIn(join(root, "functions", part, "assets"))),
  ];
  return [
    ...files.map((file): [string, Uint8Array] => [basename(file), readFileSync(file)]),
    ...(name === "pages/docs" ? [openApiDocument(root)] : []),
  ].map(([file, content]) => [`assets/${file}.gz`, gzipSync(content, { level: 9 })]);
}

/** Where the examples of the document are, which `test/http/examples.test.ts` writes. */
const EXAMPLES = "packages/contract/src/reference/examples.json";

/**
 * The OpenAPI document. It depends on the code alone, so it is made with the bundle: the function that sends it holds
 * neither the schemas of all groups nor what makes a document of them.
 */
function openApiDocument(root: string): [string, Uint8Array] {
  const read = (file: string) => JSON.parse(readFileSync(join(root, file), "utf8"));
  const examples: Examples = read(EXAMPLES);
  const { version }: { version: string } = read("package.json");
  return ["openapi.json", Buffer.from(JSON.stringify(createReference({ version, examples })))];
}

const filesIn = (folder: string) =>
  existsSync(folder) ? readdirSync(folder).map((file) => join(folder, file)) : [];

/** Of the package dejavu-fonts-ttf; the license asks to come along. */
const FONTS = ["ttf/DejaVuSans.ttf", "ttf/DejaVuSans-Bold.ttf", "LICENSE"];

/** The part of a bundle that prints. */
const PRINTER = partFile("@success-manager/pdf");

/**
 * `fonts/<file>` for the typefaces of printed documents, where the parts of a bundle print some; none elsewhere. The
 * printer finds them from `LAMBDA_TASK_ROOT`.
 */
export function fonts(root: string, parts: ReadonlyMap<string, unknown>): [string, Uint8Array][] {
  if (!parts.has(PRINTER)) return [];
  const require = createRequire(join(root, "package.json"));
  const folder = join(require.resolve("dejavu-fonts-ttf/package.json"), "..");
  return FONTS.map((file) => [`fonts/${basename(file)}`, readFileSync(join(folder, file))]);
}

/** Of Lambda's processor and system: where bcrypt's package keeps the binary, and as what a bundle has it. */
const BINARY = { source: "prebuilds/linux-arm64/bcrypt.glibc.node", file: "bcrypt.linux-arm64.node" };

/** The part of a bundle that hashes passwords. */
const HASHER = partFile("bcrypt");

/** bcrypt's binary for Lambda, where the parts of a bundle hash passwords; none elsewhere. */
export function binaries(root: string, parts: ReadonlyMap<string, unknown>): [string, Uint8Array][] {
  if (!parts.has(HASHER)) return [];
  const require = createRequire(join(root, "package.json"));
  const folder = join(require.resolve("bcrypt/package.json"), "..");
  return [[BINARY.file, readFileSync(join(folder, BINARY.source))]];
}
