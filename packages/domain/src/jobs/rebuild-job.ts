import { setTimeout as sleep } from "node:timers/promises";
import { unavailable } from "@success-manager/contract/problem";
import { config } from "../config.ts";
import {
  beginComparison,
  type Checkpoint,
  type Comparison,
  type Drift,
  endRound,
  loadComparison,
  recountSome,
  type Series,
  saveComparison,
} from "../counters/index.ts";
import { checkCopies, KEPT_ENTITIES } from "../lists/index.ts";
import { type JobRun, jobRuns, query } from "../table/index.ts";
import { defineJob, type Progress } from "./define.ts";
import { measureStreamLag } from "./system-health.ts";

/** How long the stream may; beyond that it is behind, and what it has yet to count would be counted twice. */
const STREAM_MS = 60_000;

/** Waits until what was written before is in the indexes and counted. @throws when the stream is behind */
async function settled(): Promise<void> {
  await sleep(config().REBUILD_SETTLE_MS);
  if ((await measureStreamLag(STREAM_MS)) < STREAM_MS) return;
  throw unavailable(60, "The counters are behind what is stored. Try again when they have caught up.");
}

/** What a run keeps of what it found, of each kind: more lines than these nobody reads. */
const MAX_LINES = 100;

/** What was found, for who started the run. Lists are cut; the counts beside them are not. */
export interface RebuildReport {
  readonly drifts: readonly Drift[];
  readonly moving: readonly string[];
  readonly given_up: readonly string[];
  readonly unreadable: readonly string[];
  /** Rows that a snapshot, with what changed since, does not show as they are: `<entity> <id>`. */
  readonly rows: readonly string[];
}

export interface RebuildProgress extends Progress {
  /** Sets right what is wrong, instead of only naming it. */
  readonly write: boolean;
  readonly round: number;
  /** Of the comparison that is under way. */
  readonly checkpoint?: Checkpoint | undefined;
  /** Whether the counters are done. */
  readonly counted: boolean;
  /** How many lists are compared. */
  readonly lists: number;
  /** Items counted in this round. */
  readonly items: number;
  readonly drifted: number;
  readonly repaired: number;
  readonly moving: number;
  readonly given_up: number;
  readonly unreadable: number;
  /** Rows of lists that were compared, and those that were wrong. */
  readonly rows: number;
  readonly wrong_rows: number;
  /** Of these, those of lists whose snapshot was taken anew. */
  readonly renewed_rows: number;
  readonly report: RebuildReport;
}

const START: RebuildProgress = {
  write: false,
  round: 1,
  counted: false,
  lists: 0,
  items: 0,
  drifted: 0,
  repaired: 0,
  moving: 0,
  given_up: 0,
  unreadable: 0,
  rows: 0,
  wrong_rows: 0,
  renewed_rows: 0,
  report: { drifts: [], moving: [], given_up: [], unreadable: [], rows: [] },
  finished: false,
};

/** Left of an invocation, to save a comparison or to judge it. */
const RESERVE_MS = 2 * 60_000;
/** What an invocation that dies loses at most. */
const CHECKPOINT_MS = 60_000;

/** The comparison of a round: as it was saved, else a new one. */
async function comparisonOf(
  run: string,
  { checkpoint }: RebuildProgress,
  known: Iterable<Series>,
  settle: () => Promise<void>,
): Promise<Comparison> {
  return (checkpoint && (await loadComparison(run, checkpoint))) ?? beginComparison(known, { settle });
}

/**
 * Counts everything anew, page by page, and names what has drifted; with the option `write` sets it right. Beside a
 * working system: what moves meanwhile is not judged, but looked at again. It goes on where it stood in a fresh
 * invocation, and after a crash a minute before. Afterwards it compares the snapshots of lists with the table.
 *
 * It stands here because counters and lists know nothing of jobs.
 */
export const countersRebuild = ({
  settle = settled,
  checkpointMs = CHECKPOINT_MS,
}: {
  readonly settle?: () => Promise<void>;
  readonly checkpointMs?: number;
} = {}) =>
  defineJob<RebuildProgress>({
    id: "counters_rebuild",
    subject: "counter",
    start: START,
    withOptions: ({ write = false }) => ({ ...START, write }),
    run: async (now, from, { remaining, save }) => {
      const run = now.toISOString();
      const isTimeUp = () => remaining() < RESERVE_MS;
      const { write } = from;
      const known = new Set<Series>();
      let progress = from;
      const reached = (more: Partial<RebuildProgress>) => {
        progress = { ...progress, ...more };
        save(progress);
      };

      while (!progress.counted) {
        const comparison = await comparisonOf(run, progress, known, settle);
        for (let done = false; !done; ) {
          const until = Date.now() + checkpointMs;
          done = await recountSome(
            comparison.recount,
            comparison.now,
            () => isTimeUp() || Date.now() > until,
          );
          if (!done || isTimeUp())
            reached({
              items: comparison.recount.items,
              checkpoint: await saveComparison(run, comparison),
            });
          if (isTimeUp()) return progress;
        }
        const found = await endRound(comparison, known, progress.round, { write, settle });
        const { report } = progress;
        reached({
          counted: found.isLast,
          round: progress.round + 1,
          checkpoint: undefined,
          items: found.items,
          drifted: progress.drifted + found.drifts.length,
          repaired: progress.repaired + found.repaired,
          moving: found.moving.length,
          given_up: found.given_up.length,
          unreadable: found.unreadable.length,
          report: {
            ...report,
            drifts: [...report.drifts, ...found.drifts].slice(0, MAX_LINES),
            moving: found.moving.slice(0, MAX_LINES),
            given_up: found.given_up.slice(0, MAX_LINES),
            unreadable: found.unreadable.slice(0, MAX_LINES),
          },
        });
      }

      for (const entity of KEPT_ENTITIES.slice(progress.lists)) {
        if (isTimeUp()) return progress;
        for (const { rows, wrong, renewed } of await checkCopies({ write, settle, entities: [entity] })) {
          const { report } = progress;
          reached({
            lists: progress.lists + 1,
            rows: progress.rows + rows,
            wrong_rows: progress.wrong_rows + wrong.length,
            renewed_rows: progress.renewed_rows + (renewed ? wrong.length : 0),
            report: {
              ...report,
              rows: [...report.rows, ...wrong.map((id) => `${entity} ${id}`)].slice(0, MAX_LINES),
            },
          });
        }
      }
      return { ...progress, finished: true };
    },
    // What moved all the time is not known to be wrong.
    counts: ({ items, drifted, repaired, moving, given_up, unreadable, rows, wrong_rows, renewed_rows }) => ({
      ...{ items, drifted, repaired, moving, given_up, unreadable, rows, wrong_rows, renewed_rows },
      failed: drifted - repaired + unreadable + wrong_rows - renewed_rows,
    }),
    busy: "The counters are being compared right now. Try again when that has finished.",
  });

/**
 * When the last run began that set counters right and came to its end; milliseconds since 1970, 0 when there is none.
 * What was stored before is in the counters.
 */
export async function lastCorrection(): Promise<number> {
  const runs = query<JobRun>({ partition: jobRuns("counters_rebuild"), order: "desc" }, { pageSize: 10 });
  for await (const { items } of runs)
    for (const { state, started_at, progress } of items) {
      const { write } = (progress ?? {}) as Partial<RebuildProgress>;
      if (state === "completed" && write === true) return Date.parse(started_at);
    }
  return 0;
}
