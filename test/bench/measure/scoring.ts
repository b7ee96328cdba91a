import type { Running } from "../cloud.ts";
import { databaseOf } from "../database.ts";
import type { Profiler } from "../profile/profiler.ts";
import { continued } from "./continued.ts";
import { invoked } from "./invoked.ts";
import type { Row } from "./timed.ts";

const JOB = "daily_health_scores";

/** The daily scoring of the whole portfolio: one invocation, and as many more as it needs. */
export async function scoring(running: Running, profiler: Profiler): Promise<Row> {
  const database = databaseOf(running.environment);
  const run = async () => {
    const { result, run_id } = await invoked(running, JOB);
    return result === "completed" ? 0 : continued(() => database.lockOf(JOB), run_id);
  };
  const from = performance.now();
  const continuations = await run();
  const seconds = (performance.now() - from) / 1000;
  const { calculated = 0, failed = 0 } = (await database.lockOf(JOB)).counts;
  const { functions } = await running.memory();
  // Everybody is scored once more, now that the directory is loaded.
  if (profiler.wanted) await profiler.during(running, `scoring, ${running.size}`, run);
  database.close();
  return {
    customers: running.size,
    scored: calculated,
    failed,
    seconds,
    "scored per second": calculated / seconds,
    continuations,
    "kept by the function MB":
      functions.find((one) => one.function.endsWith("-jobs-health"))?.mb ?? Number.NaN,
  };
}
