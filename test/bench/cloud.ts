import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import type { DatabaseRequest } from "../support/recorder.ts";
import { CALLS } from "./calls.ts";

/** Who measures. */
export const ADMIN = { email: "admin@bench.example", password: "Correct-Horse-1" };

/** A filled table, and the id of a customer in the middle of it. */
export interface Portfolio {
  readonly size: number;
  readonly folder: string;
  readonly customer: string;
}

/** A cloud that runs on a portfolio, somebody who is signed in, and the calls to measure. */
export interface Running extends Portfolio {
  readonly apiUrl: string;
  readonly environment: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly calls: Readonly<Record<string, string>>;
  /** What the database was asked since the last time; only of a cloud that records. */
  asked(): Promise<DatabaseRequest[]>;
  stop(): Promise<void>;
}

interface Printed {
  readonly apiUrl: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** Starts a cloud on a folder in a process of its own. */
export async function serve(folder: string, { instances = 2, record = false } = {}) {
  const child: ChildProcess = spawn(
    process.execPath,
    ["test/bench/serve.ts", folder, String(instances), ...(record ? ["record"] : [])],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  if (!child.stdout) throw new Error("no output");
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async () => JSON.parse(String((await lines.next()).value));
  const { apiUrl, environment } = (await next()) as Printed;
  return {
    apiUrl,
    environment,
    async asked(): Promise<DatabaseRequest[]> {
      child.stdin?.write("\n");
      return next();
    },
    async stop() {
      const ended = once(child, "exit");
      child.stdin?.end();
      await ended;
    },
  };
}

/** Starts a cloud on a portfolio and signs in. */
export async function open(
  portfolio: Portfolio,
  options: Parameters<typeof serve>[1] = {},
): Promise<Running> {
  const cloud = await serve(portfolio.folder, options);
  const login = await fetch(`${cloud.apiUrl}/api/v1/auth/login`, {
    method: "POST",
    body: new URLSearchParams({ username: ADMIN.email, password: ADMIN.password }),
  });
  const { access_token } = (await login.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${access_token}` };
  const detail = await fetch(`${cloud.apiUrl}/api/v1/customers/${portfolio.customer}`, { headers });
  const { product_deployments } = (await detail.json()) as { product_deployments: { id: string }[] };
  return {
    ...portfolio,
    ...cloud,
    headers,
    calls: CALLS(portfolio.customer, product_deployments[0]?.id ?? "", portfolio.size),
  };
}

/** Calls an endpoint and answers the milliseconds until its body is there. */
export async function timed({ apiUrl, headers }: Running, path: string): Promise<number> {
  const from = performance.now();
  const answer = await fetch(apiUrl + path, { headers });
  await answer.arrayBuffer();
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return performance.now() - from;
}
