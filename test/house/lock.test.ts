import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { satisfies } from "semver";
import { expect, test } from "vitest";
import manifest from "../../package.json" with { type: "json" };

const file = fileURLToPath(new URL("../../package-lock.json", import.meta.url));

interface Lock {
  readonly packages: Record<string, { engines?: { readonly node?: string } }>;
}
const readLock = (): Lock => JSON.parse(readFileSync(file, "utf8"));

/** The oldest Node with which somebody may come. */
const OLDEST = manifest.engines.node.replace(">=", "").padEnd(6, ".0");

/**
 * The lock without the `engines` of packages that ask for a newer Node than the machine's. npm compares them with the
 * Node that runs npm itself; what we run, we run with the Node 24 that is one of the packages. So its warnings, which
 * every newcomer with Node 20 would get, were wrong. `npm install` writes them back for what it adds.
 */
function withoutWrongEngines(): string {
  const lock = readLock();
  for (const [path, { engines }] of Object.entries(lock.packages))
    if (path !== "" && engines?.node !== undefined && !satisfies(OLDEST, engines.node))
      delete lock.packages[path]?.engines;
  return `${JSON.stringify(lock, null, 2)}\n`;
}

// Corrected by: npx vitest run --project unit test/house/lock.test.ts -u
test("npm ci has no word against Node 20", async () => {
  expect(OLDEST).toMatch(/^\d+\.\d+\.\d+$/);
  await expect(withoutWrongEngines()).toMatchFileSnapshot(file);
});

test("the project's own Node satisfies every package", () => {
  const lock = readLock();
  const own = manifest.devDependencies.node;
  const refused = Object.entries(lock.packages).filter(
    ([, { engines }]) => engines?.node !== undefined && !satisfies(own, engines.node),
  );
  expect(refused.map(([path]) => path)).toEqual([]);
});
