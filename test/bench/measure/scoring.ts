import { RECOMMENDED } from "@success-manager/domain/health";
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

const PAIRS = 3;
const HEALTH = "-jobs-health";

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/**
 * The daily scoring by version 1 and by version 2, in pairs of a process that has loaded everything. After each change of
 * version a run goes first that is not counted: it opens and closes alerts, and says of everybody why they moved.
 */
export async function scoringByVersion(running: Running): Promise<Row[]> {
  const database = databaseOf(running.environment);
  const { api } = running;
  const run = async () => {
    await running.worked();
    const from = performance.now();
    const { result, run_id } = await invoked(running, JOB);
    if (result !== "completed") await continued(() => database.lockOf(JOB), run_id);
    const seconds = (performance.now() - from) / 1000;
    const { functions } = await running.worked();
    const cpu = Object.entries(functions).find(([name]) => name.endsWith(HEALTH))?.[1] ?? Number.NaN;
    return { seconds, "CPU s": cpu / 1000 };
  };
  const measured = async () => {
    await run();
    return run();
  };
  type Runs = Awaited<ReturnType<typeof run>>[];
  const [one, two]: [Runs, Runs] = [[], []];
  for (let pair = 0; pair < PAIRS; pair++) {
    one.push(await measured());
    const { id } = (await api.scoreDefinitions.create({ body: { ...RECOMMENDED } })).body();
    await api.scoreDefinitions.publish({ params: { id } });
    two.push(await measured());
    await api.scoreDefinitions.retire({ params: { id } });
  }
  database.close();
  const figures = (runs: Runs) => ({
    seconds: median(runs.map(({ seconds }) => seconds)),
    "CPU s": median(runs.map((each) => each["CPU s"])),
  });
  const [first, second] = [figures(one), figures(two)];
  const about = { customers: running.size };
  return [
    { ...about, version: 1, ...first, "of version 1": 1, "CPU of version 1": 1 },
    {
      ...{ ...about, version: 2, ...second, "of version 1": second.seconds / first.seconds },
      "CPU of version 1": second["CPU s"] / first["CPU s"],
    },
  ];
}

/** What a definition would say of the whole portfolio: by a function that has loaded nothing, and once more. */
export async function preview({ api, size }: Running): Promise<Row> {
  const { id } = (await api.scoreDefinitions.create({ body: { ...RECOMMENDED } })).body();
  const timed = async () => {
    const from = performance.now();
    const { sampled, changed } = (await api.scoreDefinitions.preview({ params: { id } })).body();
    return { seconds: (performance.now() - from) / 1000, sampled, changed };
  };
  const first = await timed();
  const again = await timed();
  await api.scoreDefinitions.remove({ params: { id } });
  const { sampled, changed, seconds } = again;
  return { customers: size, sampled, changed, "first preview s": first.seconds, "preview s": seconds };
}
