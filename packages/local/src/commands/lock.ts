import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Cloud } from "../cloud.ts";
import { isListening } from "../processes/ports.ts";

/** Content of the lock file: the process alone while the cloud starts, everything once it runs. */
const LockFile = z.object({
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
type LockFile = z.output<typeof LockFile>;

/** What other commands need to know of a cloud that runs. */
export type RunningCloud = NonNullable<LockFile["cloud"]>;

/** A data folder that belongs to this process until it is released. `announce` tells others that the cloud runs. */
export type DataLock = { announce(cloud: Cloud): void; release(): void };

const lockFileIn = (data: string) => join(data, "cloud.json");

/** Locks the data folder. Throws when another live process has it: two databases on one file lose data. */
export async function lockData(data: string): Promise<DataLock> {
  await requireUnlocked(data);
  mkdirSync(data, { recursive: true });
  const file = lockFileIn(data);
  const write = (content: LockFile) =>
    writeFileSync(file, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  write({ pid: process.pid });
  return {
    announce: ({ apiUrl, inboxUrl, functions, environment }) =>
      write({ pid: process.pid, cloud: { apiUrl, inboxUrl, functions: [...functions], environment } }),
    release: () => rmSync(file, { force: true }),
  };
}

/** Throws when a live process has locked the data folder. */
export async function requireUnlocked(data: string): Promise<void> {
  const owner = await liveOwner(data);
  if (owner === undefined) return;
  const where = owner.cloud === undefined ? "is just starting" : `answers on ${owner.cloud.apiUrl}`;
  throw new Error(`a local cloud runs on ${data} already (process ${owner.pid}, ${where}); stop it first`);
}

/** The cloud that runs on the data folder, if one does and is ready. */
export async function runningCloud(data: string): Promise<RunningCloud | undefined> {
  return (await liveOwner(data))?.cloud;
}

async function liveOwner(data: string): Promise<LockFile | undefined> {
  const owner = read(data);
  if (owner === undefined || !isAlive(owner.pid)) return undefined;
  // After a crash the process number may belong to somebody else by now.
  if (owner.cloud !== undefined && !(await answers(owner.cloud.apiUrl))) return undefined;
  return owner;
}

function read(data: string): LockFile | undefined {
  try {
    return LockFile.parse(JSON.parse(readFileSync(lockFileIn(data), "utf8")));
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
  return isListening(Number(port), hostname);
}
