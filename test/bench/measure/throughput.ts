import autocannon from "autocannon";
import { newAnswer, newContact } from "../calls/writes.ts";
import type { Running } from "../cloud.ts";
import { customerId, deploymentId, writtenTo } from "../portfolio/ids.ts";
import type { Row } from "./timed.ts";

const CONNECTIONS = 16;
const WARM_UP_SECONDS = 2;
const SECONDS = 6;

interface Load {
  readonly path: string;
  /** What the n-th connection writes, each to a customer of its own; without it, it reads. */
  readonly body?: (n: number) => object;
}

async function under({ path, body }: Load, { apiUrl, headers }: Running): Promise<Row> {
  const method = body ? "POST" : "GET";
  const during = (duration: number) => {
    let connection = 0;
    return autocannon({
      url: `${apiUrl}/api/v1${path}`,
      method,
      connections: CONNECTIONS,
      duration,
      headers: { ...headers, "content-type": "application/json" },
      ...(body && { setupClient: (client) => client.setBody(JSON.stringify(body(connection++))) }),
    });
  };
  await during(WARM_UP_SECONDS);
  const { requests, non2xx, errors } = await during(SECONDS);
  return { call: `${method} ${path}`, "requests/s": requests.average, failed: non2xx + errors };
}

const newDeployment = (customer_id: string) => ({
  customer_id,
  product_name: "GreenX",
  deployment_date: "2026-01-01",
  version: "5.0",
  environment: "cloud",
  license_type: "Enterprise",
  license_expiry: "2099-01-01",
});

/** Requests per second at 16 connections: entities read, entities written. */
export async function throughput(running: Running): Promise<Row[]> {
  const written = (n: number) => writtenTo(n, running.size);
  const customer = (n: number) => customerId(written(n));
  const loads: readonly Load[] = [
    { path: "/auth/me" },
    { path: `/health-scores/customer/${running.customer}` },
    { path: "/deployments", body: (n) => newDeployment(customer(n)) },
    { path: "/csat", body: (n) => newAnswer(customer(n), deploymentId(written(n), 0)) },
    { path: "/interactions", body: (n) => newContact(customer(n)) },
  ];
  const rows: Row[] = [];
  for (const load of loads) {
    const row = await under(load, running);
    rows.push({ ...row, call: String(row.call).replace(running.customer, "{id}") });
  }
  return rows;
}
