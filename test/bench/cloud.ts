import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { type Api, apiOf, tokensOf } from "../support/cloud.ts";
import { HISTORIES, type HistoryName } from "./portfolio/history.ts";
import {
  alertId,
  customerId,
  deploymentId,
  hasOpenLink,
  interactionId,
  linkToken,
  surveyId,
} from "./portfolio/ids.ts";

/** Who measures. */
export const ADMIN = { email: "admin@bench.example", password: "Correct-Horse-1" };

/** A filled table. */
export interface Portfolio {
  readonly size: number;
  readonly history: HistoryName;
  readonly folder: string;
}

/** What the calls are about: a customer in the middle, and what belongs to them. */
export interface Known extends Portfolio {
  readonly customer: string;
  readonly deployment: string;
  readonly interaction: string;
  readonly survey: string;
  /** An open one. */
  readonly alert: string;
  /** Of a survey link that nobody has used. */
  readonly token: string;
  /** Of the second page of contacts, which is asked for once. */
  readonly cursor: () => Promise<string>;
}

/** A cloud that runs on a portfolio, and somebody who is signed in. */
export interface Running extends Known, Served {
  readonly headers: Readonly<Record<string, string>>;
  readonly api: Api;
}

/** What is special about a cloud; see `serve.ts`. */
export type Kind = "record" | "uncounted" | "frugal";

const Address = z.object({ apiUrl: z.string(), environment: z.record(z.string(), z.string()) });
const Requests = z.array(z.object({ operation: z.string(), units: z.number() }));
const Memory = z.object({
  functions: z.array(z.object({ function: z.string(), mb: z.number() })),
  processMb: z.number(),
});
const Work = z.object({
  functions: z.record(z.string(), z.number()),
  gateway: z.number(),
  others: z.number(),
});
/** Milliseconds of processor time; see `inspect/work.ts`. */
export type Work = z.infer<typeof Work>;
const Allocated = z.record(z.string(), z.number());
const Profiles = z.array(z.object({ function: z.string(), file: z.string() }));

/** A cloud in a process of its own. */
export interface Served extends z.infer<typeof Address> {
  readonly pid: number;
  /** What the database was asked since the last time; only of a cloud that records. */
  asked(): Promise<z.infer<typeof Requests>>;
  /** The same, of the functions that follow the stream. */
  followed(): Promise<z.infer<typeof Requests>>;
  /** Waits until everything written so far has been counted. */
  settled(): Promise<void>;
  /** What its functions keep in memory. */
  memory(): Promise<z.infer<typeof Memory>>;
  /** What its threads did since the last time this was asked. */
  worked(): Promise<Work>;
  /** Starts to sample what its functions allocate. */
  allocating(): Promise<void>;
  /** Ends that. Answers the bytes of each function. */
  allocated(): Promise<z.infer<typeof Allocated>>;
  /** Starts to profile its functions. */
  profile(): Promise<void>;
  /** Ends that. Answers the profiles, which have been written into a folder, one for each instance of a function. */
  profiled(folder: string): Promise<z.infer<typeof Profiles>>;
  stop(): Promise<void>;
}

const MEMORY_SETTINGS = "./packages/local/src/commands/memory-settings.js";

/** Starts a cloud on a folder; see `serve.ts`. */
export async function serve(folder: string, ...kinds: Kind[]): Promise<Served> {
  const child = spawn(
    process.execPath,
    // As `npm start` does.
    ["--max-semi-space-size=2", "--import", MEMORY_SETTINGS, "test/bench/serve.ts", folder, ...kinds],
    { stdio: ["pipe", "pipe", "inherit"] },
  );
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const { value, done } = await lines.next();
    if (done) throw new Error("The cloud has ended");
    return JSON.parse(value);
  };
  const ask = (question: string) => {
    child.stdin.write(`${question}\n`);
    return answer();
  };
  return {
    ...Address.parse(await answer()),
    pid: child.pid ?? 0,
    asked: async () => Requests.parse(await ask("asked")),
    followed: async () => Requests.parse(await ask("followed")),
    settled: async () => {
      await ask("settled");
    },
    memory: async () => Memory.parse(await ask("memory")),
    worked: async () => Work.parse(await ask("worked")),
    allocating: async () => {
      await ask("allocating");
    },
    allocated: async () => Allocated.parse(await ask("allocated")),
    profile: async () => {
      await ask("profile");
    },
    profiled: async (into) => Profiles.parse(await ask(`profiled ${into}`)),
    async stop() {
      const ended = once(child, "exit");
      child.stdin.end();
      await ended;
    },
  };
}

const TOO_MANY = 429;

/** Signs in, and answers the token. Whoever starts cloud after cloud waits when the account has signed in too often. */
async function signIn(apiUrl: string): Promise<string> {
  const form = { username: ADMIN.email, password: ADMIN.password };
  const answer = await apiOf(apiUrl).auth.login({ form });
  if (answer.status !== TOO_MANY) return tokensOf(answer.body()).access_token;
  await pause(Number(answer.headers.get("retry-after")) * 1000);
  return signIn(apiUrl);
}

/** Starts a cloud on a portfolio and signs in. Nothing of the portfolio has been read then. */
export async function open(portfolio: Portfolio, ...kinds: Kind[]): Promise<Running> {
  const served = await serve(portfolio.folder, ...kinds);
  const access_token = await signIn(served.apiUrl).catch(async (error: unknown) => {
    await served.stop();
    throw error;
  });
  const api = apiOf(served.apiUrl, access_token, undefined, undefined, "none");
  const secondPage = async () => (await api.interactions.list({ query: { limit: 20 } })).body().next_cursor;
  let cursor: Promise<string> | undefined;
  const middle = Math.floor(portfolio.size / 2);
  const { hasOpenAlert } = HISTORIES[portfolio.history];
  const near = (takes: (n: number) => boolean) => [middle, middle + 1].find(takes) ?? middle;
  return {
    ...portfolio,
    ...served,
    api,
    headers: { authorization: `Bearer ${access_token}` },
    customer: customerId(middle),
    deployment: deploymentId(middle, 0),
    interaction: interactionId(middle, 0),
    survey: surveyId(middle, 0),
    alert: alertId(near(hasOpenAlert), 0),
    token: linkToken(near(hasOpenLink)),
    cursor: () => (cursor ??= secondPage().then((next) => encodeURIComponent(next ?? ""))),
  };
}

/** A cloud on a portfolio, for as long as `use` takes. */
export async function during<T>(
  portfolio: Portfolio,
  kinds: readonly Kind[],
  use: (running: Running) => Promise<T>,
): Promise<T> {
  const running = await open(portfolio, ...kinds);
  try {
    return await use(running);
  } finally {
    await running.stop();
  }
}
