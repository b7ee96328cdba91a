import { globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const read = (file: string) => readFileSync(`${root}/${file}`, "utf8");
const filesWith = (pattern: string, word: RegExp) =>
  globSync(pattern, { cwd: root })
    .filter((file) => !/\.test\.ts$|\bfixture\b/.test(file) && word.test(read(file)))
    .sort();

/** Groups that hold nothing of a customer. */
const OF_THE_TEAM = ["account", "api-keys", "auth", "scheduler", "settings", "users"];
/** Open to everybody: who answers a survey. */
const PUBLIC = ["portal"];

describe("what callers see of customers", () => {
  test("is narrowed in every function of the API, but where there are none", () => {
    const narrowed = filesWith("functions/api/*.ts", /= (serve|openServe\(takeLimits[^)]*\))\(/).map((file) =>
      file.replace(/.*\/|\.ts$/g, ""),
    );
    const all = globSync("functions/api/*.ts", { cwd: root }).map((file) => file.replace(/.*\/|\.ts$/g, ""));
    expect(all.filter((name) => !narrowed.includes(name)).sort()).toEqual(OF_THE_TEAM);
    for (const name of narrowed)
      expect(read(`functions/api/${name}.ts`)).toContain(
        PUBLIC.includes(name) ? 'from "../pages/site/serve.ts"' : 'from "../serve.ts"',
      );
  });

  test("is left out of account in few places, each of which says why", () => {
    expect(filesWith("packages/domain/src/**/*.ts", /\boutsideScope\(/)).toEqual([
      // What is in memory is everybody's.
      "packages/domain/src/directory/snapshot/read.ts",
      // Where a scope is opened.
      "packages/domain/src/lists/scope.ts",
    ]);
    expect(filesWith("packages/domain/src/**/*.ts", /\bwholeDirectory\(/)).toEqual([
      // Names and orders of customers are kept once; rows are chosen before.
      "packages/domain/src/lists/search.ts",
    ]);
  });
});
