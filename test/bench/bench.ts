import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { setup } from "../support/synthesize.ts";
import { bundles } from "./bundles.ts";
import { open, type Portfolio, serve } from "./cloud.ts";
import { afterChange, calls, cold, requests, scoring, throughput } from "./measure.ts";
import { markdown } from "./table.ts";

/**
 * `npm run bench [-- --sizes 100,10000 --rounds 200 --json out.json]`
 *
 * Fills one fresh cloud per size and calls every endpoint in turn, the sizes interleaved, so that a noisy
 * machine disturbs both alike. Requests and read units are counted in a pass of their own.
 */
const { values: options } = parseArgs({
  options: {
    sizes: { type: "string", default: "100,10000" },
    rounds: { type: "string", default: "200" },
    json: { type: "string" },
  },
});
const sizes = options.sizes.split(",").map(Number);
const rounds = Number(options.rounds);

/** Fills a new folder with a portfolio; the filling is not measured. */
async function prepare(size: number): Promise<Portfolio> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const cloud = await serve(folder);
  const from = performance.now();
  const filled = spawnSync(process.execPath, ["test/bench/prepare.ts", String(size)], {
    env: { ...process.env, ...cloud.environment },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  await cloud.stop();
  if (filled.status !== 0) throw new Error("The portfolio could not be written");
  console.log(`${size} customers written in ${Math.round((performance.now() - from) / 1000)} s`);
  return { size, folder, customer: filled.stdout.trim() };
}

setup();
console.log(`${cpus().length} cores, Node ${process.version}`);
const portfolios: Portfolio[] = [];
try {
  for (const size of sizes) portfolios.push(await prepare(size));
  const counts = await requests(portfolios);
  const firstLists = await cold(portfolios);
  const all = await Promise.all(portfolios.map((portfolio) => open(portfolio)));
  const perCall = await calls(all, counts, rounds);
  const changed = await afterChange(all, Math.ceil(rounds / 4));
  const largest = all.at(-1);
  const rates = largest ? await throughput(largest) : [];
  const batches = [];
  for (const running of all) batches.push(await scoring(running));
  const loaded = await bundles(all[0]?.environment ?? {});
  await Promise.all(all.map((running) => running.stop()));

  const sections = {
    calls: perCall,
    "calls after a change": changed,
    throughput: rates,
    scoring: batches,
    cold: firstLists,
    bundles: loaded,
  };
  for (const [title, rows] of Object.entries(sections)) console.log(`\n## ${title}\n\n${markdown(rows)}`);
  if (options.json)
    writeFileSync(options.json, JSON.stringify({ cores: cpus().length, sizes, ...sections }, null, 2));
} finally {
  for (const { folder } of portfolios) rmSync(folder, { recursive: true, force: true });
}
