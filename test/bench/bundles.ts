import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { build } from "esbuild";
import { quantile } from "./table.ts";

const ROUNDS = 15;

/**
 * Milliseconds of CPU that a fresh process spends on importing a module. Not those of the clock, which count what
 * others do on the machine meanwhile.
 */
function loadMs(file: string, environment: Readonly<Record<string, string>>): number {
  const script = `const before = process.cpuUsage();
    await import(${JSON.stringify(file)});
    const { user, system } = process.cpuUsage(before);
    console.log((user + system) / 1000);
    process.exit();`;
  const printed = execFileSync(process.execPath, ["--input-type=module", "-e", script], {
    env: { ...process.env, ...environment, POWERTOOLS_DEV: "false" },
    encoding: "utf8",
  });
  return Number(printed.trim().split("\n").at(-1));
}

/** What every function is held against: a client of the database that makes one request, and nothing else. */
async function bareClient(folder: string): Promise<string> {
  const outfile = join(folder, "bare.mjs");
  await build({
    stdin: {
      contents: `import { DynamoDBClient, GetItemCommand } from "@aws-sdk/client-dynamodb";
        const client = new DynamoDBClient({});
        export const handler = (Key) => client.send(new GetItemCommand({ TableName: "t", Key }));`,
      resolveDir: process.cwd(),
    },
    bundle: true,
    platform: "node",
    target: "node24",
    format: "esm",
    mainFields: ["module", "main"],
    minify: true,
    outfile,
    logLevel: "error",
  });
  return outfile;
}

/** Kilobytes of code beside a function's index.mjs, which it loads when it needs them. */
function laterKb(file: string): number {
  const parts = readdirSync(dirname(file)).filter((name) => name.endsWith(".mjs") && name !== basename(file));
  return sum(parts.map((name) => statSync(join(dirname(file), name)).size)) / 1024;
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);

/** Size and load time of each function's bundle, beside a bare DynamoDB client's; rounds are interleaved. */
export async function bundles(environment: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  try {
    const functions = join(process.cwd(), ".build/functions");
    const files = new Map([["(bare DynamoDB client)", await bareClient(folder)]]);
    for (const name of readdirSync(functions)) files.set(name, join(functions, name, "index.mjs"));
    const times = new Map<string, number[]>([...files.keys()].map((name) => [name, []]));
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, file] of files) times.get(name)?.push(loadMs(file, environment));
    const median = (name: string) => quantile(times.get(name) ?? [], 0.5);
    const bare = median("(bare DynamoDB client)");
    return [...files].map(([name, file]) => ({
      function: name,
      KB: statSync(file).size / 1024,
      "later KB": laterKb(file),
      "load ms": median(name),
      "× bare": median(name) / bare,
    }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
