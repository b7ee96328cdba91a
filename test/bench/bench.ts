import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { setup } from "../support/synthesize.ts";
import { bundles } from "./bundles.ts";
import { open, type Portfolio, serve } from "./cloud.ts";
import { afterChange } from "./measure/after-change.ts";
import { cold } from "./measure/cold.ts";
import { checks, scoring } from "./measure/jobs.ts";
import { counting } from "./measure/lag.ts";
import { requests } from "./measure/requests.ts";
import { throughput } from "./measure/throughput.ts";
import type { Row } from "./measure/timed.ts";
import { beside, times } from "./measure/times.ts";
import { readOptions } from "./options.ts";
import { markdown } from "./table.ts";

/*
 * `npm run bench`: fills a fresh cloud for each size and measures one part after the other; see README.md. Parts that
 * change much come behind those that would notice.
 */
const { sizes, rounds, wants, json } = readOptions();
const folders: string[] = [];
const figures: Record<string, readonly Row[]> = {};

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  folders.push(folder);
  return folder;
}

/** Fills a new folder with a portfolio; the filling is not measured. */
async function prepare(size: number): Promise<Portfolio> {
  const folder = newFolder();
  // What is written now is counted by who writes it: the stream is followed from the next start on.
  const cloud = await serve(folder, "uncounted");
  const from = performance.now();
  const filled = spawnSync(process.execPath, ["test/bench/prepare.ts", String(size)], {
    env: { ...process.env, ...cloud.environment },
    stdio: "inherit",
  });
  await cloud.stop();
  if (filled.status !== 0) throw new Error("The portfolio could not be written");
  console.log(`${size} customers written in ${Math.round((performance.now() - from) / 1000)} s`);
  return { size, folder };
}

function report(title: string, rows: readonly Row[]): void {
  if (rows.length === 0) return;
  figures[title] = rows;
  console.log(`\n## ${title}\n\n${markdown(rows)}`);
}

async function overHttp(portfolios: readonly Portfolio[]): Promise<void> {
  const counts = wants("calls") ? await requests(portfolios) : new Map();
  const all = await Promise.all(portfolios.map((portfolio) => open(portfolio)));
  if (wants("calls")) {
    const rows = await times(all, counts, rounds);
    report("calls", rows);
    report("calls beside the reference", beside(rows, sizes));
  }
  if (wants("changes")) report("calls after a change", await afterChange(all, Math.ceil(rounds / 4)));
  const largest = all.at(-1);
  if (wants("throughput") && largest) report("throughput", await throughput(largest));
  await Promise.all(all.map((running) => running.stop()));
}

/** Nobody follows the stream meanwhile: counting what jobs write is another function's work. */
async function jobs(portfolios: readonly Portfolio[]): Promise<void> {
  const checked: Row[] = [];
  const scored: Row[] = [];
  for (const portfolio of portfolios) {
    const running = await open(portfolio, "uncounted");
    if (wants("checks")) checked.push(...(await checks(running)));
    if (wants("scoring")) scored.push(await scoring(running));
    await running.stop();
  }
  report("checks", checked);
  report("scoring", scored);
}

async function lag(portfolios: readonly Portfolio[]): Promise<void> {
  const rows: Row[] = [];
  for (const portfolio of portfolios) rows.push(await counting(portfolio));
  report("lag", rows);
}

/** The variables of functions, which they read when they are loaded. */
async function variables(): Promise<Readonly<Record<string, string>>> {
  const cloud = await serve(newFolder());
  await cloud.stop();
  return cloud.environment;
}

const began = performance.now();
setup();
console.log(`${cpus().length} cores, Node ${process.version}`);
try {
  const portfolios: Portfolio[] = [];
  if (wants("calls", "changes", "throughput", "cold", "lag", "checks", "scoring"))
    for (const size of sizes) portfolios.push(await prepare(size));
  if (wants("cold")) report("cold", await cold(portfolios));
  if (wants("calls", "changes", "throughput")) await overHttp(portfolios);
  if (wants("lag")) await lag(portfolios);
  if (wants("checks", "scoring")) await jobs(portfolios);
  if (wants("bundles")) report("bundles", await bundles(await variables()));
  console.log(`\nMeasured in ${Math.round((performance.now() - began) / 60_000)} minutes.`);
  if (json) writeFileSync(json, JSON.stringify({ cores: cpus().length, sizes, ...figures }, null, 2));
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
