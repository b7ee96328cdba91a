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

/**
 * What documents are printed with, by its name in a bundle: typefaces with their licenses, which ask to come along, and
 * HarfBuzz, whose code looks for the first of its two files beside itself. `packages/pdf` names the same.
 */
const PRINTED_WITH: Readonly<Record<string, string>> = {
  "harfbuzz.wasm": "harfbuzzjs/dist/harfbuzz.wasm",
  "harfbuzz-subset.wasm": "harfbuzzjs/dist/harfbuzz-subset.wasm",
  "fonts/DejaVuSans.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans.ttf",
  "fonts/DejaVuSans-Bold.ttf": "dejavu-fonts-ttf/ttf/DejaVuSans-Bold.ttf",
  "fonts/DejaVuSans.LICENSE": "dejavu-fonts-ttf/LICENSE",
  ...Object.fromEntries(
    [
      ...["SansSC", "SansJP", "SansKR", "SansThai", "SansDevanagari", "SansBengali"],
      ...["SansEthiopic", "SansGujarati", "SansGurmukhi", "SansKannada", "SansKhmer", "SansLao"],
      ...["SansMalayalam", "SansMyanmar", "SansSinhala", "SansTamil", "SansTelugu", "Emoji"],
    ].flatMap((family) => typeface(`Noto${family}`, `noto-${family.replace("Sans", "sans-").toLowerCase()}`)),
  ),
  ...Object.fromEntries(typeface("IBMPlexSansArabic", "ibm-plex-sans-arabic")),
};

/** A typeface and its license. */
function typeface(name: string, family: string): [string, string][] {
  return [
    [`fonts/${name}_400Regular.ttf`, `@expo-google-fonts/${family}/400Regular/${name}_400Regular.ttf`],
    [`fonts/${name}.LICENSE`, `@expo-google-fonts/${family}/LICENSE_FONT`],
  ];
}

/** The part of a bundle that prints. */
const PRINTER = partFile("@success-manager/pdf");

/**
 * Typefaces in `fonts/` and what sets them, where the parts of a bundle print documents; none elsewhere. The printer
 * finds them from `LAMBDA_TASK_ROOT`, and reads a typeface when a text needs it.
 */
export function fonts(root: string, parts: ReadonlyMap<string, unknown>): [string, Uint8Array][] {
  if (!parts.has(PRINTER)) return [];
  const require = createRequire(join(root, "package.json"));
  return Object.entries(PRINTED_WITH).map(([file, source]) => [file, readFileSync(require.resolve(source))]);
}

/** Of Lambda's processor and system: where bcrypt's package keeps the binary, and as what a bundle has it. */
const BINARY = { source: "prebuilds/linux-arm64/bcrypt.glibc.node", file: "bcrypt.linux-arm64.node" };

/** The part of a bundle that hashes passwords. */
const HASHER = partFile("bcrypt");

/** The part of a bundle that draws logos and people's pictures (packages/domain/src/settings/picture.ts). */
const DRAWER = partFile("./picture.ts");
const DRAWN_WITH: Readonly<Record<string, string>> = {
  "resvg.wasm": "@resvg/resvg-wasm/index_bg.wasm",
  "webp.wasm": "@jsquash/webp/codec/dec/webp_dec.wasm",
};

/**
 * What is no JavaScript: bcrypt's binary for Lambda, where the parts of a bundle hash passwords, and the code of resvg and
 * of a decoder of WebP, where they draw; nothing elsewhere.
 */
export function binaries(root: string, parts: ReadonlyMap<string, unknown>): [string, Uint8Array][] {
  const require = createRequire(join(root, "package.json"));
  const hasher = () => join(require.resolve("bcrypt/package.json"), "..", BINARY.source);
  return [
    ...(parts.has(HASHER) ? [[BINARY.file, readFileSync(hasher())] satisfies [string, Uint8Array]] : []),
    ...(parts.has(DRAWER)
      ? Object.entries(DRAWN_WITH).map(([file, source]): [string, Uint8Array] => [
          file,
          readFileSync(require.resolve(source)),
        ])
      : []),
  ];
}
