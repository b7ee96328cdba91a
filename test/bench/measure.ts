import { InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import autocannon from "autocannon";
import { open, type Portfolio, type Running, timed } from "./cloud.ts";
import { quantile } from "./table.ts";

type Row = Record<string, string | number>;

const WARM_UP = 20;

/** What each call asks of the database, in a warm function: number of requests, read units. */
export async function requests(portfolios: readonly Portfolio[]) {
  const counts = new Map<string, { requests: number; units: number }>();
  for (const portfolio of portfolios) {
    const running = await open(portfolio, { instances: 1, record: true });
    for (const [name, path] of Object.entries(running.calls)) {
      await timed(running, path);
      await running.asked();
      await timed(running, path);
      const asked = await running.asked();
      const units = asked.reduce((sum, request) => sum + request.units, 0);
      counts.set(`${name} ${portfolio.size}`, { requests: asked.length, units });
    }
    await running.stop();
  }
  return counts;
}

/** p50 and p95 of each call over one connection, beside what it asks of the database; sizes interleaved. */
export async function calls(
  all: readonly Running[],
  counts: Awaited<ReturnType<typeof requests>>,
  rounds: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of Object.keys(all[0]?.calls ?? {})) {
    const samples = all.map((): number[] => []);
    for (let round = -WARM_UP; round < rounds; round++)
      for (const [i, running] of all.entries()) {
        const ms = await timed(running, running.calls[name] ?? "");
        if (round >= 0) samples[i]?.push(ms);
      }
    const row: Row = { call: name };
    for (const [i, { size }] of all.entries()) {
      const sample = samples[i] ?? [];
      row[`p50 ms (${size})`] = quantile(sample, 0.5);
      row[`p95 ms (${size})`] = quantile(sample, 0.95);
      const count = counts.get(`${name} ${size}`);
      row[`requests (${size})`] = count?.requests ?? Number.NaN;
      row[`units (${size})`] = count?.units ?? Number.NaN;
    }
    row["p50 growth"] = quantile(samples.at(-1) ?? [], 0.5) / quantile(samples[0] ?? [], 0.5);
    rows.push(row);
  }
  return rows;
}

/** Calls whose answers the directory remembers. */
const REMEMBERED = [
  "/customers?limit=20",
  "/customers?search=…",
  "/customers?sort_by=health_score",
  "/deployments/stats",
  "/health-scores/distribution",
];

/** The same calls when a customer has changed since the last one: nothing that was remembered holds. */
export async function afterChange(all: readonly Running[], rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of REMEMBERED) {
    const samples = all.map((): number[] => []);
    for (let round = 0; round < rounds; round++)
      for (const [i, running] of all.entries()) {
        await fetch(`${running.apiUrl}/api/v1/customers/${running.customer}`, {
          method: "PUT",
          headers: { ...running.headers, "content-type": "application/json" },
          body: JSON.stringify({ notes: `round ${round}` }),
        });
        samples[i]?.push(await timed(running, running.calls[name] ?? ""));
      }
    const row: Row = { call: name };
    for (const [i, { size }] of all.entries()) {
      row[`p50 ms (${size})`] = quantile(samples[i] ?? [], 0.5);
      row[`p95 ms (${size})`] = quantile(samples[i] ?? [], 0.95);
    }
    rows.push(row);
  }
  return rows;
}

const SECONDS = 8;

/** Requests per second at 16 connections: entities read, entities written. */
export async function throughput(running: Running): Promise<Row[]> {
  const load = async (call: string, path: string, method: "GET" | "POST", body?: string): Promise<Row> => {
    const options = {
      url: running.apiUrl + path,
      method,
      connections: 16,
      headers: { ...running.headers, "content-type": "application/json" },
      ...(body && { body }),
    };
    await autocannon({ ...options, duration: 2 });
    const { requests, non2xx, errors } = await autocannon({ ...options, duration: SECONDS });
    return { call, "requests/s": requests.average, failed: non2xx + errors };
  };
  const score = `/api/v1/health-scores/customer/${running.customer}`;
  const deployment = {
    customer_id: running.customer,
    product_name: "GreenX",
    deployment_date: "2026-01-01",
    version: "5.0",
    environment: "cloud",
    license_type: "Enterprise",
    license_expiry: "2027-01-01",
  };
  return [
    await load("GET /auth/me", "/api/v1/auth/me", "GET"),
    await load("GET /health-scores/customer/{id}", score, "GET"),
    await load("POST /deployments", "/api/v1/deployments", "POST", JSON.stringify(deployment)),
  ];
}

/** How long a new function takes for its first list: loading itself, the keys, and the whole directory. */
export async function cold(portfolios: readonly Portfolio[]): Promise<Row[]> {
  const rows: Row[] = [];
  for (const portfolio of portfolios) {
    const running = await open(portfolio);
    const ms = await timed(running, "/api/v1/deployments?limit=1");
    await running.stop();
    rows.push({ customers: portfolio.size, "first list ms": ms });
  }
  return rows;
}

/** The daily job over the whole portfolio, in one process. */
export async function scoring(running: Running): Promise<Row> {
  const client = new LambdaClient({
    endpoint: running.environment.AWS_ENDPOINT_URL_LAMBDA ?? "",
    region: "us-east-1",
    credentials: { accessKeyId: "local", secretAccessKey: "local" },
    requestHandler: { requestTimeout: 900_000 },
    maxAttempts: 1,
  });
  const event = { job: "daily_health_scores", scheduled_time: new Date().toISOString() };
  const from = performance.now();
  const { Payload } = await client.send(
    new InvokeCommand({
      FunctionName: running.environment.HEALTH_JOB_FUNCTION,
      Payload: Buffer.from(JSON.stringify(event)),
    }),
  );
  const seconds = (performance.now() - from) / 1000;
  const { progress } = JSON.parse(Buffer.from(Payload ?? []).toString()) as {
    progress: { calculated: number; failed: number };
  };
  return { customers: running.size, scored: progress.calculated, failed: progress.failed, seconds };
}
