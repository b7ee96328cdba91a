import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Bundles } from "../../infra/bundle/bundle.ts";
import { functionNames } from "../../infra/permissions.ts";
import { bundledOnce } from "./synthesized.ts";

const api = functionNames.filter((name) => name.startsWith("api/"));

/**
 * What the largest function of the API loads before its first request, and a little more. The budget is 450 KB, which
 * libraries fill: of 788 KB, ElectroDB is 170 and zod 100, both of which come whole, and the SDK 220. Our own is 233;
 * what knows API keys and calls that come again is 12 of it, in every function that they may reach, and recording what
 * became of customers is 18: whoever changes a status may record it. Renewals and their forecasts are 13 of api/outcomes.
 */
const MAX_BYTES = 790_000;

/**
 * What reports say is made of the same directory and counters as lists and figures, which a function holds once: so it
 * is no part that is loaded later. What prints it is, and so are its words, with what puts values into them.
 */
const MAX_REPORTS_BYTES = 945_000;

let code: Bundles;
beforeAll(async () => {
  code = bundledOnce();
});

const dashed = (name: string) => name.replace("/", "-");

/** Modules with code in a file, by esbuild's account. */
function modulesOf(file: string): string[] {
  const output = code.metafile.outputs[`.build/maps/${file}.mjs`];
  if (!output) throw new Error(`esbuild made no ${file}`);
  return Object.entries(output.inputs).flatMap(([path, { bytesInOutput }]) =>
    bytesInOutput > 0 ? [path] : [],
  );
}

/** Files that a function loads later. */
function partsOf(name: string, file = "index.mjs"): string[] {
  const text = readFileSync(join(code.folder(name), file), "utf8");
  const loaded = [...text.matchAll(/\bimport\("\.\/([\w-]+\.mjs)"\)/g)].map(([, part = ""]) => part);
  return [...new Set(loaded.flatMap((part) => [part, ...partsOf(name, part)]))];
}

describe("a function's folder", () => {
  test("holds its code, what that loads later, assets for pages, fonts and what sets them for prints, binaries for passwords and pictures; no source map", () => {
    for (const name of functionNames) {
      const parts = partsOf(name);
      const assets = name.startsWith("pages/") ? ["assets"] : [];
      const fonts = parts.includes("success-manager-pdf.mjs")
        ? ["fonts", "harfbuzz.wasm", "harfbuzz-subset.wasm"]
        : [];
      const binaries = [
        ...(parts.includes("bcrypt.mjs") ? ["bcrypt.linux-arm64.node"] : []),
        ...(parts.includes("picture.mjs") ? ["resvg.wasm", "webp.wasm"] : []),
      ];
      const files = ["index.mjs", ...parts, ...assets, ...fonts, ...binaries];
      expect(readdirSync(code.folder(name)).sort(), name).toEqual(files.sort());
    }
    const assets = (name: string) => readdirSync(join(code.folder(name), "assets"));
    expect(assets("pages/docs")).toEqual(
      expect.arrayContaining(["redoc.standalone.js.gz", "swagger-ui-bundle.js.gz", "swagger-ui.css.gz"]),
    );
    expect(assets("pages/survey")).toEqual([
      "favicon.svg.gz",
      "site.css.gz",
      "survey.css.gz",
      "survey.js.gz",
    ]);
    for (const name of ["pages/report", "pages/password"])
      expect(assets(name)).toEqual(["favicon.svg.gz", "site.css.gz"]);
  });

  test("holds bcrypt only where passwords are set or compared", () => {
    const hashing = functionNames.filter((name) => partsOf(name).includes("bcrypt.mjs"));
    expect(hashing.sort()).toEqual(["api/account", "api/auth", "api/users", "pages/password"]);
  });

  test("holds parts that load by themselves", () => {
    const parts = new Map(functionNames.flatMap((name) => partsOf(name).map((part) => [part, name])));
    expect([...parts.keys()].sort()).toEqual(
      expect.arrayContaining([
        "bcrypt.mjs",
        "bcryptjs.mjs",
        "lambda-client.mjs",
        "password-strength.mjs",
        "s3-client.mjs",
        "success-manager-pdf.mjs",
        "transport.mjs",
      ]),
    );
    for (const [part, name] of parts) {
      const file = JSON.stringify(join(code.folder(name), part));
      const script = `console.log(Object.keys(await import(${file})).length)`;
      const said = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
        encoding: "utf8",
      });
      expect(Number(said), part).toBeGreaterThan(0);
    }
  });

  // Two copies of a class are two classes, and what one copy remembers the other does not know.
  test("holds no class and no state of ours twice", () => {
    const kept = (file: string) =>
      modulesOf(file)
        .filter((path) => /^(packages|functions)\//.test(path))
        .filter((path) => /^(export )?(class|let) /m.test(readFileSync(path, "utf8")));
    expect(kept("api-auth")).toContain("packages/contract/src/problem.ts");
    for (const name of functionNames) {
      const own = new Set(kept(dashed(name)));
      for (const part of partsOf(name)) {
        const twice = kept(`parts/${part.replace(".mjs", "")}`).filter((path) => own.has(path));
        expect(twice, `${name} and its ${part}`).toEqual([]);
      }
    }
  });
});

describe("no function", () => {
  test("holds what only commands use", () => {
    for (const name of functionNames)
      expect(
        modulesOf(dashed(name)).filter((path) => /node_modules\/(umzug|@aws-sdk\/client-sts)\//.test(path)),
      ).toEqual([]);
  });
});

describe("before its first request, a function of the API", () => {
  test.each(api)("%s loads no more than it may", (name) => {
    expect(code.bytes.get(name)).toBeLessThan(name === "api/reports" ? MAX_REPORTS_BYTES : MAX_BYTES);
  });

  test.each(api)("%s loads nothing that few requests use", (name) => {
    const seldom =
      /^packages\/pdf\/|node_modules\/(nodemailer|intl-messageformat|pdf-lib|harfbuzzjs|bidi-js|d3-\w+|bcrypt|bcryptjs|@zxcvbn-ts|eld|swagger-ui-dist|redoc|@aws-sdk\/(client-(ses|s3|lambda)|s3-request-presigner))\//;
    expect(modulesOf(dashed(name)).filter((path) => seldom.test(path))).toEqual([]);
  });

  test.each(api)("%s loads nothing that it never uses", (name) => {
    const never = [
      /@aws-sdk\/credential-provider-(?!env)/,
      /@aws-sdk\/client-dynamodb\/.*\/(DynamoDB|pagination\/\w+|waiters\/\w+)\.js/,
      /lib-dynamodb\/dist-es\/(DynamoDBDocument|commands\/ExecuteStatementCommand)\.js/,
      /electrodb\/src\/(service|conversions)\.js/,
      /node_modules\/jsonschema\//,
    ];
    expect(modulesOf(dashed(name)).filter((path) => never.some((pattern) => pattern.test(path)))).toEqual([]);
  });

  test.each(api)("%s has one copy of the SDK, in the form that loses what nobody imports", (name) => {
    const sdk = modulesOf(dashed(name)).filter((path) => /node_modules\/@(aws-sdk|smithy)\//.test(path));
    expect(sdk.filter((path) => path.includes("/dist-es/"))).not.toEqual([]);
    expect(sdk.filter((path) => path.includes("/dist-cjs/"))).toEqual([]);
    expect(sdk.filter((path) => /node_modules\/.*node_modules\//.test(path))).toEqual([]);
  });
});
