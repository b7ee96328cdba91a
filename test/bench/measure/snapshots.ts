import { setTimeout as pause } from "node:timers/promises";
import type { Running } from "../cloud.ts";

const JOB = "directory_snapshot";
const LOOK_MS = 200;
const PATIENCE_MS = 900_000;

const NOT_FOUND = 404;
const CONFLICT = 409;

/**
 * Runs the job that takes snapshots for new functions to start from, and waits for its end. Answers how many rows they
 * hold (a small portfolio needs none); undefined where there is no such job.
 *
 * @throws when the job fails, or takes a quarter of an hour
 */
export async function takeSnapshots({ api }: Running): Promise<number | undefined> {
  const start = () => api.scheduler.run({ params: { job: JOB } });
  const until = performance.now() + PATIENCE_MS;
  let started = await start();
  // A function that found no snapshot has asked for one.
  while (started.status === CONFLICT && performance.now() < until) {
    await pause(LOOK_MS);
    started = await start();
  }
  if (started.status === NOT_FOUND) return undefined;
  const { run_id } = started.body();
  while (performance.now() < until) {
    const run = (await api.scheduler.list({})).body().find(({ id }) => id === JOB)?.last_run;
    if (run?.run_id === run_id && run.state !== "running") {
      if (run.state === "failed") throw new Error(`${JOB} has failed: ${run.error}`);
      return run.counts.rows ?? 0;
    }
    await pause(LOOK_MS);
  }
  throw new Error(`${JOB} has not ended`);
}
