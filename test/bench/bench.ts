import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { type Cloud, startCloud } from "@success-manager/local";
import autocannon from "autocannon";
import { recorder } from "../support/recorder.ts";
import { assembly, setup } from "../support/synthesize.ts";
import { bundles } from "./bundles.ts";
import { CALLS } from "./calls.ts";
import { markdown, quantile } from "./table.ts";

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

const PASSWORD = "Correct-Horse-1";
const PEOPLE = [
  ["admin@bench.example", "admin"],
  ["manager@bench.example", "manager"],
] as const;

const say = (line = "") => console.log(line);
const seconds = (from: number) => Math.round((performance.now() - from) / 100) / 10;

interface Portfolio {
  readonly size: number;
  readonly folder: string;
  readonly customer: string;
}

interface Running extends Portfolio {
  readonly cloud: Cloud;
  readonly headers: Readonly<Record<string, string>>;
  readonly calls: Readonly<Record<string, string>>;
}

const start = (folder: string, extra: Partial<Parameters<typeof startCloud>[0]> = {}) =>
  startCloud({
    assembly,
    data: folder,
    schedules: false,
    maxInstances: 2,
    environment: { LOG_LEVEL: "CRITICAL" },
    ...extra,
  });

/** Runs a script of this folder in a process of its own: the domain reads its table's name when it is loaded. */
async function prepare(size: number): Promise<Portfolio> {
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  const cloud = await start(folder);
  const from = performance.now();
  const { spawnSync } = await import("node:child_process");
  const filled = spawnSync(process.execPath, ["test/bench/prepare.ts", String(size)], {
    env: { ...process.env, ...cloud.environment },
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  await cloud.stop();
  if (filled.status !== 0) throw new Error("filling failed");
  say(`filled ${size} customers in ${seconds(from)} s`);
  return { size, folder, customer: filled.stdout.trim() };
}

async function open(portfolio: Portfolio, extra?: Parameters<typeof start>[1]): Promise<Running> {
  const cloud = await start(portfolio.folder, extra);
  const login = await fetch(`${cloud.apiUrl}/api/v1/auth/login`, {
    method: "POST",
    body: new URLSearchParams({ username: PEOPLE[0][0], password: PASSWORD }),
  });
  const { access_token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };
  const detail = await fetch(`${cloud.apiUrl}/api/v1/customers/${portfolio.customer}`, { headers });
  const { product_deployments } = (await detail.json()) as { product_deployments: { id: string }[] };
  const calls = CALLS(portfolio.customer, product_deployments[0]?.id ?? "");
  return { ...portfolio, cloud, headers, calls };
}

async function timed({ cloud, headers }: Running, path: string): Promise<number> {
  const from = performance.now();
  const answer = await fetch(cloud.apiUrl + path, { headers });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return performance.now() - from;
}

async function counted(portfolios: readonly Portfolio[]) {
  const counts = new Map<string, { requests: number; units: number }>();
  for (const portfolio of portfolios) {
    const database = recorder();
    const running = await open(portfolio, { dynamodbProxy: database.proxy, maxInstances: 1 });
    for (const [name, path] of Object.entries(running.calls)) {
      await timed(running, path);
      database.take();
      await timed(running, path);
      const seen = database.take();
      const units = seen.reduce((sum, request) => sum + request.units, 0);
      counts.set(`${name} ${portfolio.size}`, { requests: seen.length, units });
    }
    await running.cloud.stop();
  }
  return counts;
}

async function latencies(all: readonly Running[]) {
  const samples = new Map<string, number[]>();
  const names = Object.keys(all[0]?.calls ?? {});
  for (const name of names) {
    for (let round = -20; round < rounds; round++)
      for (const running of all) {
        const ms = await timed(running, running.calls[name] ?? "");
        if (round < 0) continue;
        const key = `${name} ${running.size}`;
        samples.set(key, [...(samples.get(key) ?? []), ms]);
      }
  }
  return { names, samples };
}

/** Requests per second at 16 connections: one entity read, one entity written. */
async function throughput(running: Running) {
  const load = async (path: string, method: "GET" | "PUT", body?: string) => {
    const options = {
      url: running.cloud.apiUrl + path,
      method,
      connections: 16,
      headers: { ...running.headers, "content-type": "application/json" },
      ...(body && { body }),
    };
    await autocannon({ ...options, duration: 2 });
    const result = await autocannon({ ...options, duration: 8 });
    return { perSecond: result.requests.average, failed: result.non2xx + result.errors };
  };
  const deployment = running.calls["/deployments/{id}"] ?? "";
  const me = await load("/api/v1/auth/me", "GET");
  const read = await load(`/api/v1/health-scores/customer/${running.customer}`, "GET");
  const write = await load(deployment, "PUT", JSON.stringify({ version: "5.0" }));
  const row = (call: string, { perSecond, failed }: typeof me) => ({ call, "requests/s": perSecond, failed });
  return [
    row("GET /auth/me", me),
    row("GET /health-scores/customer/{id}", read),
    row("PUT /deployments/{id}", write),
  ];
}

setup();
say(`${cpus().length} cores, Node ${process.version}`);
const portfolios: Portfolio[] = [];
try {
  for (const size of sizes) portfolios.push(await prepare(size));
  const counts = await counted(portfolios);

  const all = await Promise.all(portfolios.map((portfolio) => open(portfolio)));
  const cold = await Promise.all(
    portfolios.map(async (portfolio) => {
      const from = performance.now();
      const running = await open(portfolio);
      const ms = await timed(running, "/api/v1/deployments?limit=1");
      await running.cloud.stop();
      return { customers: portfolio.size, "first list ms": ms, "started s": seconds(from) };
    }),
  ).catch(() => []);
  const { names, samples } = await latencies(all);
  const perCall = names.map((name) => {
    const row: Record<string, string | number> = { call: name };
    for (const size of sizes) {
      const sample = samples.get(`${name} ${size}`) ?? [];
      const { requests, units } = counts.get(`${name} ${size}`) ?? { requests: 0, units: 0 };
      row[`p50 ms (${size})`] = quantile(sample, 0.5);
      row[`p95 ms (${size})`] = quantile(sample, 0.95);
      row[`requests (${size})`] = requests;
      row[`read units (${size})`] = units;
    }
    const [small, large] = [sizes[0] ?? 0, sizes.at(-1) ?? 0];
    row["p50 growth"] =
      quantile(samples.get(`${name} ${large}`) ?? [], 0.5) /
      quantile(samples.get(`${name} ${small}`) ?? [], 0.5);
    return row;
  });
  const largest = all.at(-1);
  const rates = largest ? await throughput(largest) : [];
  const batch = [];
  for (const running of all) {
    const from = performance.now();
    const { payload } = await running.cloud.invoke("success-manager-dev-jobs-health", {
      job: "daily_health_scores",
      scheduled_time: new Date().toISOString(),
    });
    const { progress } = payload as { progress: { calculated: number; failed: number } };
    batch.push({
      customers: running.size,
      scored: progress.calculated,
      failed: progress.failed,
      seconds: seconds(from),
    });
  }
  const loaded = await bundles(all[0]?.cloud.environment ?? {});
  await Promise.all(all.map(({ cloud }) => cloud.stop()));

  const sections = { calls: perCall, throughput: rates, "calculate-all": batch, cold, bundles: loaded };
  for (const [title, rows] of Object.entries(sections)) say(`\n## ${title}\n\n${markdown(rows)}`);
  if (options.json)
    writeFileSync(options.json, JSON.stringify({ cores: cpus().length, sizes, ...sections }, null, 2));
} finally {
  for (const { folder } of portfolios) rmSync(folder, { recursive: true, force: true });
}
