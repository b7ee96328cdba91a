import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { synthesize } from "../support/synthesize.ts";
import { bundles } from "./bundles.ts";
import { calibrate, calibration, noise, noiseLine } from "./calibration.ts";
import { during, open, type Portfolio, serve } from "./cloud.ts";
import { compared } from "./compare/compared.ts";
import { report } from "./compare/report.ts";
import { afterChange } from "./measure/after-change.ts";
import { backtests } from "./measure/backtests.ts";
import { checks } from "./measure/checks.ts";
import { cold, withSnapshots } from "./measure/cold.ts";
import { costsOfCalls, costsOfJobs, costsOfRecords, items } from "./measure/costs.ts";
import { cpu } from "./measure/cpu.ts";
import { counting } from "./measure/lag.ts";
import { memoryNeeded } from "./measure/memory.ts";
import { micro } from "./measure/micro.ts";
import { profiledCalls } from "./measure/profiled.ts";
import { reports } from "./measure/reports.ts";
import { type Counts, requests } from "./measure/requests.ts";
import { preview, scoring, scoringByVersion } from "./measure/scoring.ts";
import { throughput } from "./measure/throughput.ts";
import type { Row } from "./measure/timed.ts";
import { beside, times } from "./measure/times.ts";
import { type Part, readOptions } from "./options.ts";
import { prepared } from "./prepare.ts";
import { profilerInto } from "./profile/profiler.ts";
import { COSTS, CPU, type Results, readResults, type Tables } from "./results.ts";
import { markdown } from "./table.ts";

/*
 * `npm run bench`: fills a fresh cloud for each size and measures one part after the other; see README.md. Parts that
 * change much come behind those that would notice.
 */
const options = readOptions();
const { sizes, history, rounds, wants, calls, json, compare, to } = options;
const folders: string[] = [];
const tables: Tables = {};
const failures: string[] = [];

function newFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  folders.push(folder);
  return folder;
}

function show(title: string, rows: readonly Row[]): void {
  if (rows.length === 0) return;
  tables[title] = [...rows];
  const heading = history === "full" ? title : `${title}, ${history} history`;
  console.log(`\n## ${heading}\n\n${markdown(rows)}`);
}

/** What fails costs its own figures, not those of others. */
async function attempt(name: string, use: () => Promise<unknown>): Promise<void> {
  try {
    await use();
  } catch (error) {
    failures.push(name);
    console.error(`\n${name} failed:`, error);
  }
}

/** Measures a part if it is wanted. */
async function part(name: Part, measure: () => Promise<void>): Promise<void> {
  if (!wants(name)) return;
  await attempt(name, async () => {
    await calibrate();
    await measure();
  });
}

async function overHttp(portfolios: readonly Portfolio[]): Promise<void> {
  let counts: Counts | undefined;
  await part("calls", async () => {
    counts = await requests(calls, portfolios);
  });
  const all = await Promise.all(portfolios.map((portfolio) => open(portfolio)));
  const largest = all.at(-1);
  await part("calls", async () => {
    if (!counts) return;
    const rows = await times(calls, all, counts, rounds);
    show("calls", rows);
    show("calls beside the reference", beside(rows, sizes));
  });
  await part("cpu", async () => {
    if (largest) show(CPU, await cpu(calls, largest, rounds));
    if (profiler.wanted && largest) await profiledCalls(calls, largest, rounds, profiler);
  });
  await part("micro", async () => {
    if (largest) show("steps", await micro(largest));
  });
  await part("changes", async () => {
    show("calls after a change", await afterChange(all, Math.ceil(rounds / 4)));
  });
  await part("throughput", async () => {
    if (largest) show("throughput", await throughput(largest));
  });
  await Promise.all(all.map((running) => running.stop()));
}

/** Nobody follows the stream meanwhile: counting what jobs write is another function's work. */
async function jobs(portfolios: readonly Portfolio[]): Promise<void> {
  const checked: Row[] = [];
  const scored: Row[] = [];
  const versions: Row[] = [];
  const previews: Row[] = [];
  const tested: Row[] = [];
  for (const portfolio of portfolios)
    await during(portfolio, ["uncounted"], async (running) => {
      await part("checks", async () => void checked.push(...(await checks(running))));
      await part("scoring", async () => {
        scored.push(await scoring(running, profiler));
        versions.push(...(await scoringByVersion(running)));
        previews.push(await preview(running));
      });
      await part("backtest", async () => void tested.push(await backtests(running)));
    });
  show("checks", checked);
  show("scoring", scored);
  show("scoring by version", versions);
  show("previews of a definition", previews);
  show("back-tests", tested);
}

/** Of the largest portfolio: what is read, written and computed hardly depends on the size. */
async function costs(portfolios: readonly Portfolio[]): Promise<void> {
  const largest = portfolios.at(-1);
  if (!largest) return;
  await during(largest, ["record"], async (running) =>
    show(COSTS.calls, await costsOfCalls(calls, running, rounds)),
  );
  await during(largest, ["record"], async (running) => show(COSTS.jobs, await costsOfJobs(running)));
  show(COSTS.records, await costsOfRecords(largest));
  show(COSTS.items, items(largest.size));
}

async function lag(portfolios: readonly Portfolio[]): Promise<void> {
  const rows: Row[] = [];
  for (const portfolio of portfolios) rows.push(await counting(portfolio));
  show("lag", rows);
}

/** The variables of functions, which they read when they are loaded. */
async function variables(): Promise<Readonly<Record<string, string>>> {
  const cloud = await serve(newFolder());
  await cloud.stop();
  return cloud.environment;
}

async function measure(): Promise<void> {
  const portfolios: Portfolio[] = [];
  const onPortfolios: Part[] = ["cold", "reports", "costs", "calls", "cpu", "micro", "changes", "throughput"];
  if (wants(...onPortfolios, "lag", "checks", "scoring", "backtest", "memory"))
    for (const size of sizes) portfolios.push(await prepared(newFolder(), size, history));
  await part("cold", async () => show("cold", await cold(portfolios, profiler)));
  // All else is measured with snapshots, as after the first hour of a deployment.
  if (!wants("cold")) await attempt("snapshots", () => withSnapshots(portfolios));
  await part("reports", async () => show("reports", await reports(portfolios, profiler)));
  await part("costs", () => costs(portfolios));
  if (wants("calls", "cpu", "micro", "changes", "throughput")) await overHttp(portfolios);
  await part("lag", () => lag(portfolios));
  if (wants("checks", "scoring", "backtest")) await jobs(portfolios);
  await part("memory", async () => show("memory", await memoryNeeded(portfolios, newFolder)));
  await part("bundles", async () => show("bundles", await bundles(await variables())));
}

/** What was measured, with all that one has to know about it. */
function results(): Results {
  const [processor] = cpus();
  return {
    date: new Date().toISOString().slice(0, "YYYY-MM-DD".length),
    cores: cpus().length,
    cpu: processor?.model,
    node: process.version,
    sizes: [...sizes],
    history,
    rounds,
    noise: noise(),
    calibration: calibration(),
    tables,
  };
}

/** Figures to compare with; ends the process when the file holds none. */
function earlier(file: string): Results {
  try {
    return readResults(file);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exit(2);
  }
}

// Read before measuring: a wrong path is worth nobody's ten minutes.
const old = compare === undefined ? undefined : earlier(compare);
if (old && to !== undefined) {
  console.log(report(compared(old, earlier(to))));
  process.exit(0);
}
const profiler = profilerInto(options.profile);
const began = performance.now();
await synthesize();
console.log(`${cpus().length} cores, Node ${process.version}; ${history} history`);
try {
  await measure();
} finally {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
if (json) writeFileSync(json, JSON.stringify(results(), null, 2));
for (const [title, rows] of profiler.tables()) console.log(`\n## ${title}\n\n${markdown(rows)}`);
console.log(`\n${noiseLine()}\nMeasured in ${Math.round((performance.now() - began) / 60_000)} minutes.`);
if (old) console.log(`\n${report(compared(old, results()))}`);
if (failures.length > 0) {
  console.error(`\nFailed: ${[...new Set(failures)].join(", ")}.`);
  process.exitCode = 1;
}
