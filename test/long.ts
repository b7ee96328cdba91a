// npm run test:long: what CI runs short and from one seed (properties, fuzz, injected faults, crashes), for minutes and
// from new seeds.
import { spawn } from "node:child_process";
import { randomInt } from "node:crypto";
import { globSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";

const usage = `usage: npm run test:long -- [options]
  --times <n>     how many times as long as usual, 1 by default: some seven minutes on two idle cores
  --seed <n>      where the chances come from; without it a new one, which is printed
  --only <parts>  of properties, fuzz, faults, crashes; comma separated`;

interface Part {
  readonly files: readonly string[];
  readonly does: string;
  readonly variables: (times: number, seed: number) => Readonly<Record<string, string>>;
  /** Takes longer by running again, with the next seed. */
  readonly again?: true;
}

/** Tests that say what holds for all values; the fuzz is a part of its own. */
const propertyTests = () =>
  globSync(["packages/*/src/**/*.test.ts", "test/{house,bench,http}/**/*.test.ts"]).filter(
    (file) => !file.endsWith("fuzz.test.ts") && readFileSync(file, "utf8").includes('from "fast-check"'),
  );

const PARTS: Readonly<Record<string, Part>> = {
  properties: {
    files: propertyTests(),
    does: "what holds for all values, with other ones",
    variables: (_, seed) => ({ PROPERTY_SEED: `${seed}` }),
    again: true,
  },
  fuzz: {
    files: ["test/http/fuzz.test.ts"],
    does: "requests from the contract's schemas, valid, nearly valid and hostile",
    variables: (times, seed) => ({ FUZZ_CASES: `${20_000 * times}`, FUZZ_SEED: `${seed}` }),
  },
  faults: {
    files: ["test/faults/injected.test.ts"],
    does: "several kinds of writers, while the database fails by chance",
    variables: (times, seed) => ({ FAULT_SECONDS: `${60 * times}`, FAULT_SEED: `${seed}` }),
  },
  crashes: {
    files: ["test/faults/crash.test.ts"],
    does: "kill -9 of the database and of the whole cloud under load",
    variables: (times, seed) => ({ CRASHES: `${10 * times}`, CRASH_SEED: `${seed}` }),
  },
};

/** What tests tell of themselves, and what went wrong. */
const TELLING = /^(fuzz|faults|crash): |FUZZ_SEED=|AssertionError|Error: |^\s+[-+] |Tests {2}|FAIL/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: colors begin with one
const COLORS = /\u001b\[[\d;]*m/g;

async function run({ files, variables }: Part, times: number, seed: number): Promise<boolean> {
  const limit = `--testTimeout=${600_000 * times}`;
  const child = spawn("npx", ["vitest", "run", ...files, limit], {
    env: { ...process.env, ...variables(times, seed) },
    stdio: ["ignore", "pipe", "inherit"],
    shell: process.platform === "win32",
  });
  const ended = new Promise<number | null>((resolve) => child.once("exit", resolve));
  for await (const line of createInterface({ input: child.stdout })) {
    const plain = line.replace(COLORS, "");
    if (TELLING.test(plain)) console.log(`  ${plain.slice(0, 600)}`);
  }
  return (await ended) === 0;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      times: { type: "string", default: "1" },
      seed: { type: "string" },
      only: { type: "string", default: Object.keys(PARTS).join() },
    },
  });
  const [times, seed] = [Number(values.times), Number(values.seed ?? randomInt(2 ** 31))];
  const parts = values.only.split(",").map((name) => [name, PARTS[name]] as const);
  if (!(times >= 1) || !Number.isInteger(seed) || parts.some(([, part]) => part === undefined)) {
    console.error(usage);
    return 2;
  }
  console.log(
    `seed ${seed}; the same again: npm run test:long -- --seed ${seed} --times ${times} --only ${values.only}`,
  );
  let failed = 0;
  for (const [name, part] of parts) {
    if (part === undefined) continue;
    const began = Date.now();
    console.log(`\n${name}: ${part.does}`);
    let passed = true;
    for (let round = 0; round < (part.again ? times : 1); round++)
      passed = (await run(part, times, seed + round)) && passed;
    if (!passed) failed += 1;
    console.log(
      `${name}: ${passed ? "nothing found" : "FAILED"}, after ${Math.round((Date.now() - began) / 1000)} s`,
    );
  }
  console.log(failed === 0 ? "\nNothing found." : `\n${failed} of ${parts.length} parts found something.`);
  return failed === 0 ? 0 : 1;
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(`${error instanceof Error ? error.message : error}\n${usage}`);
  return 2;
});
