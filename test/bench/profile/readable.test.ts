import type { SourceMapPayload } from "node:module";
import { build } from "esbuild";
import { beforeAll, expect, test } from "vitest";
import type { Frame, Profile } from "./profile.ts";
import { readable } from "./readable.ts";

const SOURCE = `
export function scoreOf(customer) { return customer.name.length; }
export const trendOf = async (scores) => scores.at(-1);
export const rules = { riskOf(score) { return score < 40; } };
export const wrap = (next) => (event) => next(event);
globalThis.kept = [scoreOf, trendOf, rules, wrap];
`;

let code: string;
let map: SourceMapPayload;

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: SOURCE, sourcefile: "packages/domain/src/health/score.ts", loader: "ts" },
    bundle: true,
    format: "esm",
    minify: true,
    sourcemap: "external",
    write: false,
    outfile: ".build/maps/index.mjs",
    absWorkingDir: process.cwd(),
  });
  code = outputFiles.find(({ path }) => path.endsWith(".mjs"))?.text ?? "";
  map = JSON.parse(outputFiles.find(({ path }) => path.endsWith(".map"))?.text ?? "");
});

const at = (column: number, url = "file:///cdk.out/asset.1/index.mjs"): Frame => ({
  functionName: "a",
  scriptId: "1",
  url,
  lineNumber: 0,
  columnNumber: column,
});

/** The frame of a function in the bundle, as its sources have it. */
function frameOf(frame: Frame): Frame | undefined {
  const profile: Profile = { nodes: [{ id: 1, callFrame: frame }], startTime: 0, endTime: 0 };
  return readable(profile, map, "api-customers").nodes[0]?.callFrame;
}

/** Where V8 sees a function begin: where its parameters do, or its only one. */
const begin = (pattern: RegExp) => {
  const { index = Number.NaN } = pattern.exec(code) ?? {};
  return index;
};

test("a declared function has the name and the place of its source", () => {
  const frame = frameOf(at(begin(/(?<=function )\w+\(\w+\)\{return \w+\.name/)));
  expect(frame).toMatchObject({ functionName: "scoreOf", lineNumber: 1 });
  expect(frame?.url).toBe("packages/domain/src/health/score.ts");
});

test("an arrow function is called as what it is assigned to, a method as its property", () => {
  expect(frameOf(at(begin(/async \w+=>/)))?.functionName).toBe("trendOf");
  expect(frameOf(at(begin(/riskOf/)))?.functionName).toBe("riskOf");
});

test("a function without a name keeps the one that V8 knows", () => {
  expect(frameOf(at(begin(/(?<==>)\w+=>\w+\(/)))).toMatchObject({ functionName: "a", lineNumber: 4 });
});

test("what is of no source is the bundle's own, and other files stay as they are", () => {
  const top = { ...at(0), functionName: "", lineNumber: 99 };
  expect(
    readable(
      { nodes: [{ id: 1, callFrame: top }], startTime: 0, endTime: 0 },
      { ...map, mappings: "" },
      "api-customers",
    ).nodes[0]?.callFrame,
  ).toMatchObject({
    functionName: "(top level of the bundle)",
    url: ".build/functions/api-customers/index.mjs",
  });
  const other = at(5, "node:internal/timers");
  expect(frameOf(other)).toEqual(other);
});
