import { createInterface } from "node:readline";
import { startCloud } from "@success-manager/local";
import { recorder } from "../support/recorder.ts";
import { assembly } from "../support/synthesize.ts";
import { memory } from "./inspect/memory.ts";
import { profiling } from "./inspect/profiling.ts";
import { watchWork } from "./inspect/work.ts";

/** How long a function of the stream may take for what is left to count. */
const SETTLED_MS = 120_000;

/**
 * A cloud in a process of its own, so that the one who measures takes none of its time: prints where it is, answers
 * questions on stdin line by line, and ends when stdin does. A question is a word and what it is about:
 *
 * - `asked`: what the database was asked since the last time
 * - `followed`: what the functions that follow the stream asked it since the last time
 * - `settled`: answered when everything written so far has been counted
 * - `memory`: what the functions keep in memory
 * - `worked`: what each thread did since the last time
 * - `allocating`: starts to sample what functions allocate; `allocated`: ends that, and answers how much it was
 * - `profile`: starts to profile the functions
 * - `profiled <folder>`: ends that; the profiles are in the folder
 *
 * `node serve.ts <data folder> [record] [uncounted] [frugal]`; `record` counts requests, in one instance of each
 * function; `uncounted` leaves the stream alone; `frugal` ends idle functions as `npm start` does, others keep them.
 */
const [data = "", ...options] = process.argv.slice(2);
const record = options.includes("record");
const database = recorder();
const cloud = await startCloud({
  assembly,
  data,
  schedules: false,
  streams: !options.includes("uncounted"),
  maxInstances: record ? 1 : 2,
  savesMemory: options.includes("frugal"),
  // One user measures more than a person does in an hour.
  environment: { LOG_LEVEL: "CRITICAL", QUOTAS: JSON.stringify({ reports: 1e9, mails: 1e9, jobs: 1e9 }) },
  ...(record && { dynamodbProxy: database.proxy }),
});
const { apiUrl, environment } = cloud;
const say = (what: unknown) => console.log(JSON.stringify(what));

let profile: ReturnType<typeof profiling> | undefined;
let watching: ReturnType<typeof watchWork> | undefined;
const watched = () => {
  watching ??= watchWork();
  return watching;
};
const answers: Readonly<Record<string, (about: string) => unknown>> = {
  asked: database.take,
  followed: database.takeBackground,
  settled: () => cloud.settled(SETTLED_MS),
  memory,
  worked: async () => (await watched()).take(),
  allocating: async () => (await watched()).allocating(),
  allocated: async () => (await watched()).allocated(),
  profile: () => {
    profile = profiling();
    return profile.then(() => true);
  },
  profiled: async (folder) => (await profile)?.end(folder),
};

say({ apiUrl, environment });
for await (const question of createInterface({ input: process.stdin })) {
  const [word = "", about = ""] = question.split(/ (.*)/);
  say((await answers[word]?.(about)) ?? null);
}
await cloud.stop();
