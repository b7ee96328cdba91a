import { spawnSync } from "node:child_process";
import { setTimeout as pause } from "node:timers/promises";
import { ReportType } from "@success-manager/contract/vocabulary";
import { CALLS, type Call } from "../calls/index.ts";
import { during, type Portfolio, type Running, serve } from "../cloud.ts";
import { memoryOf } from "../inspect/processes.ts";
import { shuffled } from "../table.ts";
import { generated } from "./generated.ts";
import { type Row, timed } from "./timed.ts";

const CONNECTIONS = 12;
const LOAD_MS = 240_000;
const LOOK_MS = 1_000;
/** After this, idle functions have thrown away what they no longer need, or have ended. */
const SETTLED_MS = 15_000;

const TOO_MANY = 429;

interface Needed {
  /** At the end. */
  readonly mb: number;
  /** The most at a time. */
  readonly most: number;
}

const row = (cloud: string, { mb, most }: Needed, { calls = 0, failed = 0 } = {}): Row => ({
  "local cloud": cloud,
  MB: mb,
  "most MB": most,
  calls,
  failed,
});

/** A new cloud with demo data, as `npm start` leaves it. */
async function started(folder: string): Promise<Row> {
  const cloud = await serve(folder, "frugal");
  try {
    const { status } = spawnSync(process.execPath, ["functions/cli/seed.ts"], {
      env: { ...process.env, ...cloud.environment },
      stdio: ["ignore", "ignore", "inherit"],
    });
    if (status !== 0) throw new Error("Demo data could not be written");
    await cloud.settled();
    await pause(SETTLED_MS);
    const mb = memoryOf(cloud.pid);
    return row("after a start with demo data", { mb, most: mb });
  } finally {
    await cloud.stop();
  }
}

/** Makes a call once. Not taken because there are too many is no failure. */
async function counted(
  call: Call,
  running: Running,
  counts: { calls: number; failed: number },
): Promise<void> {
  counts.calls += 1;
  try {
    await timed(running, await call.prepare(running));
  } catch (error) {
    if (error instanceof Error && "status" in error && error.status === TOO_MANY) return;
    counts.failed += 1;
  }
}

/** What a cloud needs while `use` runs. */
async function watched(pid: number, use: () => Promise<void>): Promise<Needed> {
  let most = 0;
  const look = () => {
    const mb = memoryOf(pid);
    most = Math.max(most, mb);
    return mb;
  };
  const timer = setInterval(look, LOOK_MS);
  try {
    await use();
  } finally {
    clearInterval(timer);
  }
  await pause(SETTLED_MS);
  const mb = look();
  return { mb, most };
}

/** Each call and each report once. */
function eachOnce(portfolio: Portfolio): Promise<Row> {
  return during(portfolio, ["frugal"], async (running) => {
    const counts = { calls: 0, failed: 0 };
    const needed = await watched(running.pid, async () => {
      for (const call of Object.values(CALLS)) await counted(call, running, counts);
      // No back-test was done.
      for (const type of ReportType.options) if (type !== "score_backtest") await generated(running, type);
    });
    return row(`${portfolio.size} customers, after each call was made once`, needed, counts);
  });
}

/** All calls in random order, over some connections at once. */
function mixed(portfolio: Portfolio): Promise<Row> {
  return during(portfolio, ["frugal"], async (running) => {
    const counts = { calls: 0, failed: 0 };
    const until = performance.now() + LOAD_MS;
    const connection = async () => {
      while (performance.now() < until)
        for (const call of shuffled(Object.values(CALLS)))
          if (performance.now() < until) await counted(call, running, counts);
    };
    const needed = await watched(running.pid, async () => {
      await Promise.all(Array.from({ length: CONNECTIONS }, connection));
    });
    return row(`${portfolio.size} customers, ${CONNECTIONS} connections`, needed, counts);
  });
}

/**
 * Memory of all processes of a local cloud: after a start, after each call was made once (largest portfolio), and under
 * a mixed load of some minutes (smallest).
 *
 * @param newFolder makes a folder for the cloud with demo data
 */
export async function memoryNeeded(
  portfolios: readonly Portfolio[],
  newFolder: () => string,
): Promise<Row[]> {
  const [smallest, largest] = [portfolios[0], portfolios.at(-1)];
  if (smallest === undefined || largest === undefined) return [];
  return [await started(newFolder()), await eachOnce(largest), await mixed(smallest)];
}
