import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import * as z from "zod";
import type { Cloud } from "../cloud.ts";

// Written by whoever holds the data folder: the process alone while it starts, everything once it runs.
const Holder = z.object({
  pid: z.number(),
  cloud: z
    .object({
      apiUrl: z.string(),
      inboxUrl: z.string(),
      functions: z.array(z.string()),
      environment: z.record(z.string(), z.string()),
    })
    .optional(),
});
type Holder = z.output<typeof Holder>;

/** What other commands need to know of a cloud that runs. */
export type RunningCloud = NonNullable<Holder["cloud"]>;

/** A data folder that belongs to this process until it is released. */
export type Hold = { announce(cloud: Cloud): void; release(): void };

const noteIn = (data: string) => join(data, "cloud.json");

/** Claims the data folder. Throws when another live process has it: two databases on one file lose data. */
export async function hold(data: string): Promise<Hold> {
  await requireUnheld(data);
  mkdirSync(data, { recursive: true });
  const note = noteIn(data);
  const write = (holder: Holder) =>
    writeFileSync(note, `${JSON.stringify(holder, null, 2)}\n`, { mode: 0o600 });
  write({ pid: process.pid });
  return {
    announce: ({ apiUrl, inboxUrl, functions, environment }) =>
      write({ pid: process.pid, cloud: { apiUrl, inboxUrl, functions: [...functions], environment } }),
    release: () => rmSync(note, { force: true }),
  };
}

/** Throws when a live process holds the data folder. */
export async function requireUnheld(data: string): Promise<void> {
  const holder = await liveHolder(data);
  if (holder === undefined) return;
  const where = holder.cloud === undefined ? "is just starting" : `answers on ${holder.cloud.apiUrl}`;
  throw new Error(`a local cloud runs on ${data} already (process ${holder.pid}, ${where}); stop it first`);
}

/** The cloud that runs on the data folder, if one does and is ready. */
export async function runningCloud(data: string): Promise<RunningCloud | undefined> {
  return (await liveHolder(data))?.cloud;
}

async function liveHolder(data: string): Promise<Holder | undefined> {
  const holder = read(data);
  if (holder === undefined || !isAlive(holder.pid)) return undefined;
  // After a crash the process number may belong to somebody else by now.
  if (holder.cloud !== undefined && !(await answers(holder.cloud.apiUrl))) return undefined;
  return holder;
}

function read(data: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(readFileSync(noteIn(data), "utf8")));
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function answers(url: string): Promise<boolean> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    const settle = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
  });
}
