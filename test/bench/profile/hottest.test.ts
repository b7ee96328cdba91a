import { expect, test } from "vitest";
import { byPackage, hottest, packageOf } from "./hottest.ts";
import { busyMs, type Profile } from "./profile.ts";

const frame = (functionName: string, url: string) => ({
  functionName,
  scriptId: "1",
  url,
  lineNumber: 9,
  columnNumber: 0,
});

/** A thread that was seen in these functions (by the number of their node), each for a millisecond. */
const profile = (...samples: number[]): Profile => ({
  nodes: [
    { id: 1, callFrame: frame("(idle)", "") },
    { id: 2, callFrame: frame("list", "packages/domain/src/customer/list.ts"), children: [3] },
    { id: 3, callFrame: frame("parse", "node_modules/zod/v4/core/parse.js") },
    { id: 4, callFrame: frame("list", "packages/domain/src/customer/list.ts") },
    { id: 5, callFrame: frame("(garbage collector)", "") },
  ],
  startTime: 0,
  endTime: samples.length * 1000,
  samples,
  timeDeltas: [7, ...samples.map(() => 1000)],
});

test("functions come by the time that was spent in them alone, wherever they were called from", () => {
  expect(hottest([profile(2, 3, 3, 4, 4), profile(4)])).toEqual([
    { name: "list", where: "packages/domain/src/customer/list.ts:10", package: "packages/domain", ms: 4 },
    { name: "parse", where: "zod/v4/core/parse.js:10", package: "zod", ms: 2 },
  ]);
});

test("waiting is no work", () => {
  expect(hottest([profile(1, 1, 5)]).map(({ name }) => name)).toEqual(["(garbage collector)"]);
  expect(busyMs(profile(1, 1, 5, 2))).toBe(2);
});

test("time is summed up by package", () => {
  expect(byPackage(hottest([profile(2, 3, 3, 5, 3)]))).toEqual([
    { package: "zod", ms: 3 },
    { package: "packages/domain", ms: 1 },
    { package: "V8", ms: 1 },
  ]);
});

test.each([
  ["", "V8"],
  ["node:internal/timers", "node"],
  ["wasm://wasm/1", "wasm"],
  ["node_modules/@smithy/core/dist-es/index.js", "@smithy/core"],
  ["node_modules/a/node_modules/b/index.js", "b"],
  ["packages/lambda/src/serve.ts", "packages/lambda"],
  ["functions/api/customers.ts", "functions"],
  ["file:///home/somebody/project/packages/local/src/functions/runtime.ts", "packages/local"],
  [".build/functions/api-customers/index.mjs", ".build"],
])("%s belongs to %s", (url, name) => {
  expect(packageOf(url)).toBe(name);
});
