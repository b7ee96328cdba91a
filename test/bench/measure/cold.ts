import { calibrate } from "../calibration.ts";
import { during, type Portfolio } from "../cloud.ts";
import { type Profiler, unprofiled } from "../profile/profiler.ts";
import { quantile, shuffled } from "../table.ts";
import { takeSnapshots } from "./snapshots.ts";
import { orEndless, type Row, timed } from "./timed.ts";

const ROUNDS = 3;
/** What takes longer than this is measured once. */
const LONG_MS = 15_000;

/** What new functions had to do. */
interface First {
  readonly deployments: number;
  readonly alerts: number;
  readonly mb: number;
  readonly processMb: number;
}

/** How long new functions take for their first list: loading themselves, the keys, and all that they keep in memory. */
const first = (portfolio: Portfolio, from: string, profiler = unprofiled): Promise<First> =>
  during(portfolio, [], async (running) => {
    const list = (name: string, path: string) =>
      profiler.during(running, `first list of ${name}, ${from}, ${portfolio.size}`, () =>
        timed(running, { path }).catch(orEndless),
      );
    const deployments = await list("deployments", "/deployments?limit=1");
    const { functions, processMb } = await running.memory();
    const alerts = await list("open alerts", "/alerts?is_resolved=false&limit=1");
    const mb = functions.find((one) => one.function.endsWith("-api-deployments"))?.mb ?? Number.NaN;
    return { deployments, alerts, mb, processMb };
  });

/** Medians of a few starts of each portfolio's cloud; they take turns. */
async function started(portfolios: readonly Portfolio[], from: string, rows: number[], profiler: Profiler) {
  const found = portfolios.map((): First[] => []);
  for (let round = 0; round < ROUNDS; round++) {
    await calibrate();
    for (const [i, portfolio] of shuffled([...portfolios.entries()]))
      if ((found[i]?.[0]?.deployments ?? 0) < LONG_MS) found[i]?.push(await first(portfolio, from));
  }
  if (profiler.wanted) for (const portfolio of portfolios) await first(portfolio, from, profiler);
  return portfolios.map(({ size }, i): Row => {
    const median = (of: (one: First) => number) => {
      const value = quantile((found[i] ?? []).map(of), 0.5);
      return Number.isFinite(value) ? value : "out of time";
    };
    return {
      customers: size,
      "loaded from": from,
      "rows in snapshots": rows[i] ?? 0,
      "first list of deployments ms": median(({ deployments }) => deployments),
      "first list of open alerts ms": median(({ alerts }) => alerts),
      "kept by deployments MB": median(({ mb }) => mb),
      "process MB": median(({ processMb }) => processMb),
    };
  });
}

/** Takes snapshots of each portfolio. Answers how many rows each has in them; undefined where there is no such job. */
export async function withSnapshots(portfolios: readonly Portfolio[]): Promise<number[] | undefined> {
  const rows: number[] = [];
  for (const portfolio of portfolios) {
    const taken = await during(portfolio, [], takeSnapshots);
    if (taken === undefined) {
      console.log("There is no job directory_snapshot: functions load the table itself.");
      return undefined;
    }
    rows.push(taken);
  }
  return rows;
}

/** First lists of new functions, before and after snapshots have been taken; that they keep for other parts. */
export async function cold(portfolios: readonly Portfolio[], profiler: Profiler): Promise<Row[]> {
  const fromTable = await started(portfolios, "the table", [], profiler);
  const rows = await withSnapshots(portfolios);
  return rows ? [...fromTable, ...(await started(portfolios, "snapshots", rows, profiler))] : fromTable;
}
