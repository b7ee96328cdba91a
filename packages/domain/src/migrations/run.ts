import { conflict, notFound } from "@success-manager/contract/problem";
import {
  defineJob,
  type JobContext,
  type JobDefinition,
  type JobEvent,
  type Progress,
  startManualRun,
} from "../jobs/index.ts";
import {
  batchGet,
  commitOne,
  equals,
  find,
  getRequest,
  type JobLock,
  JobLockEntity,
  JobRunEntity,
  jobRunRequest,
  MigrationEntity,
  migrationRequest,
  NOT_EXISTS,
  partitions,
  put,
  queryAll,
  type Rewrite,
  type StoredItem,
  type StoredMigration,
} from "../table/index.ts";
import type { Direction, Migration } from "./define.ts";
import {
  BEGINNING,
  type Counted,
  createPace,
  isThrough,
  MAX_FAILURES,
  NOTHING_COUNTED,
  type Standing,
  walk,
} from "./walk.ts";

const JOB = "migrations";

/** What somebody asks for, kept with the run. */
export interface Order {
  readonly name: string;
  readonly direction: Direction;
  /** Units that it may use in a second, of reading and writing. */
  readonly units: number;
}

interface MigrationProgress extends Progress, Standing {
  /** Missing from a run that nobody has asked for. */
  readonly order?: Order | undefined;
  readonly worked_ms: number;
}

const KEPT_DAYS = 90;
const EARLIER_RUNS = 20;

const requireMigration = (all: readonly Migration[], name: string): Migration => {
  const found = all.find((one) => one.name === name);
  if (!found) throw notFound(`Migration ${name}`);
  return found;
};

/** Writes what is known of a migration, unless another run of it has begun. */
async function record(name: string, run_id: string, changes: Partial<StoredMigration>): Promise<void> {
  const stored = await find(migrationRequest(name));
  if (stored?.run_id !== run_id) return;
  await commitOne(put(MigrationEntity, { ...stored, ...changes }, equals({ run_id })));
}

/** How a run of a migration ended, as its history tells it. */
function endingOf({ failures, counted }: Standing, through: boolean, direction: Direction) {
  if (!through && counted.failed <= MAX_FAILURES) return { state: "paused" } as const;
  if (failures.length === 0) return { state: direction === "up" ? "done" : "undone" } as const;
  const error = through
    ? `${counted.failed} items could not be changed.`
    : `Stopped: more than ${MAX_FAILURES} items could not be changed.`;
  return { state: "failed", error } as const;
}

async function runOrder(
  all: readonly Migration[],
  from: MigrationProgress,
  { run_id, remaining, checkpoint, log }: JobContext<MigrationProgress>,
): Promise<MigrationProgress> {
  const { order } = from;
  if (!order) {
    log(
      run_id,
      new Error("Nobody has asked for this run: migrations are started by npm run migrations -- up"),
    );
    return { ...from, finished: true };
  }
  const { name, direction, units } = order;
  const migration = requireMigration(all, name);
  const began = Date.now();
  const progressAt = (standing: Standing, finished: boolean): MigrationProgress => ({
    ...standing,
    order,
    finished,
    worked_ms: from.worked_ms + Date.now() - began,
  });
  const isWanted = async () => {
    const stored = await find(migrationRequest(name));
    return stored?.run_id === run_id && stored.state === "running";
  };
  // Once somebody has paused it, or begun it anew, an event that comes late does nothing.
  if (!(await isWanted())) return { ...from, finished: true };
  let paused = false;
  const standing = await walk(migration, direction, from, {
    pace: createPace(units),
    remaining,
    onBatch: async (reached) => {
      await checkpoint(progressAt(reached, false));
      paused ||= !(await isWanted());
      return paused ? "stop" : "go on";
    },
    onFailure: ({ key, error }) => log(key, error),
  });
  const through = isThrough(migration, direction, standing);
  const finished = through || paused || standing.counted.failed > MAX_FAILURES;
  const progress = progressAt(standing, finished);
  if (!finished) return progress;
  await checkpoint(progress);
  await record(name, run_id, {
    ...endingOf(standing, through, direction),
    finished_at: new Date().toISOString(),
    counts: { ...standing.counted },
    failures: standing.failures,
    worked_ms: progress.worked_ms,
  });
  return progress;
}

/** The job that runs migrations of a list, one at a time, each as it was asked for (`start`). */
export const migrationJob = (all: readonly Migration[]): JobDefinition<MigrationProgress> =>
  defineJob<MigrationProgress>({
    id: JOB,
    subject: "item",
    start: { ...BEGINNING, finished: false, worked_ms: 0 },
    run: (_, from, context) => runOrder(all, from, context),
    counts: ({ counted }) => ({ ...counted }),
    busy: "Another migration is running right now.",
  });

/** What is known of a migration. */
export interface MigrationStatus {
  readonly name: string;
  /** `pending` when it never ran or was undone; `stopped` when whoever worked on it is gone without a word. */
  readonly state: "pending" | "running" | "stopped" | "paused" | "done" | "failed";
  /** Undefined when this version does not have it: a later one ran it. */
  readonly migration: Migration | undefined;
  /** Its latest run, if it ever ran. */
  readonly stored: StoredMigration | undefined;
  /** Of the latest run, as they are now. */
  readonly counted: Counted;
}

const readLock = () => find(getRequest(JobLockEntity, JOB));

const isHeld = (lock: JobLock | undefined) => (lock?.leased_until ?? 0) > Date.now();

function statusOf(
  name: string,
  migration: Migration | undefined,
  stored: StoredMigration | undefined,
  lock: JobLock | undefined,
): MigrationStatus {
  // While it runs, the lock knows more.
  const isLatest = stored?.state === "running" && stored.run_id === lock?.run_id;
  const counted = { ...NOTHING_COUNTED, ...(isLatest ? lock?.counts : stored?.counts) };
  const known = { name, migration, stored, counted };
  if (!stored || stored.state === "undone") return { ...known, state: "pending" };
  if (stored.state === "running" && !(isLatest && isHeld(lock))) return { ...known, state: "stopped" };
  return { ...known, state: stored.state };
}

/** How all migrations are, of this version and of others, in their order. Two requests, whatever their number. */
export async function history(all: readonly Migration[]): Promise<MigrationStatus[]> {
  const [rows, lock] = await Promise.all([
    queryAll<StoredMigration>({ partition: partitions.migrations(), consistent: true }),
    readLock(),
  ]);
  const stored = new Map(rows.map((row) => [row.name, row]));
  const names = new Set([...all.map(({ name }) => name), ...stored.keys()]);
  return [...names].sort().map((name) =>
    statusOf(
      name,
      all.find((one) => one.name === name),
      stored.get(name),
      lock,
    ),
  );
}

/** How one run is right now. */
export interface RunStatus {
  readonly state: StoredMigration["state"];
  /** Whether somebody works on it, or it waits for its next invocation. */
  readonly isHeld: boolean;
  readonly counted: Counted;
  readonly error: string | undefined;
  readonly failures: StoredMigration["failures"];
}

/** How a run of a migration is. @throws 404 when the migration has another run by now */
export async function runStatus(name: string, run_id: string): Promise<RunStatus> {
  const [stored, run, lock] = await batchGet(
    migrationRequest(name),
    jobRunRequest(JOB, run_id),
    getRequest(JobLockEntity, JOB),
  );
  if (stored?.run_id !== run_id) throw notFound(`This run of ${name}`);
  const isOver = stored.state !== "running";
  return {
    state: stored.state,
    isHeld: lock?.run_id === run_id && isHeld(lock),
    counted: { ...NOTHING_COUNTED, ...(isOver ? stored.counts : run?.counts) },
    error: stored.error ?? run?.error,
    failures: stored.failures,
  };
}

/** Who asks, and how. */
export interface StartOptions {
  /** For the history: an AWS identity, or a user of the machine. */
  readonly by: string;
  /** Units in a second. */
  readonly units: number;
  /** Of the migration's file. */
  readonly checksum: string;
  /** Whether it may run although it is done. */
  readonly again?: boolean | undefined;
  /** Where the run works, when not in the job's function. */
  readonly invoke?: ((event: JobEvent) => Promise<void>) | undefined;
}

/** What a run takes over from one before it that did not get to its end. */
async function standingOf(stored: StoredMigration | undefined, direction: Direction): Promise<Standing> {
  // Whoever failed goes through everything once more: the items that failed lie behind.
  const isLeft = stored?.direction === direction && ["running", "paused"].includes(stored.state);
  const run = isLeft ? await find(jobRunRequest(JOB, stored.run_id)) : undefined;
  return { ...BEGINNING, ...(run?.progress as Standing | undefined) };
}

function requireStartable(
  { name, undo }: Migration,
  direction: Direction,
  stored: StoredMigration | undefined,
  again: boolean,
): void {
  if (direction === "down" && !undo) throw conflict(`${name} has no way back.`);
  if (direction === "up" && stored?.state === "done" && !again) throw conflict(`${name} is done already.`);
  if (direction === "down" && (!stored || stored.state === "undone"))
    throw conflict(`${name} did not run, so there is nothing to undo.`);
}

const earlierRuns = (stored: StoredMigration | undefined) => {
  if (!stored) return [];
  const { run_id, direction, state, by, finished_at, counts, earlier } = stored;
  return [{ run_id, direction, state, by, finished_at, counts }, ...earlier].slice(0, EARLIER_RUNS);
};

/** Who works on a migration, for those who come second. */
async function busy(): Promise<string> {
  const lock = await readLock();
  const held = isHeld(lock) ? lock?.run_id : undefined;
  const running = (
    await queryAll<StoredMigration>({ partition: partitions.migrations(), consistent: true })
  ).find(({ run_id }) => run_id === held);
  return running
    ? `${running.by} has been running ${running.name} (${running.direction}) since ${running.started_at}. Wait until it is done, or pause it.`
    : "Another migration is being started right now. Try again in a moment.";
}

/**
 * Starts a migration, or goes on with it where it stood, and answers the id of the run. Of two who do so at once, for
 * whichever migrations, one succeeds.
 *
 * @throws 409 while a migration is running, with who runs it; when there is nothing to do, and when there is no way back.
 * ServiceUnavailable when the function can't be started: then nothing has run
 */
export async function start(
  migration: Migration,
  direction: Direction,
  { by, units, checksum, again = false, invoke }: StartOptions,
): Promise<string> {
  const { name, kind } = migration;
  const stored = await find(migrationRequest(name));
  requireStartable(migration, direction, stored, again);
  const { places, counted, failures } = await standingOf(stored, direction);
  const now = new Date();
  const run_id = now.toISOString();
  const progress: Omit<MigrationProgress, "finished"> = {
    order: { name, direction, units },
    places,
    counted,
    failures,
    worked_ms: places.length > 0 ? (stored?.worked_ms ?? 0) : 0,
  };
  const row: StoredMigration = {
    ...{ name, kind, direction, state: "running", run_id, by, checksum, counts: { ...counted }, failures },
    started_at: run_id,
    worked_ms: progress.worked_ms,
    earlier: earlierRuns(stored),
  };
  const beside = [
    put(
      JobRunEntity,
      {
        ...{ job: JOB, scheduled_time: run_id, state: "running", started_at: run_id, progress },
        expires_at_epoch: Math.floor(now.getTime() / 1000) + KEPT_DAYS * 24 * 60 * 60,
      },
      NOT_EXISTS,
    ),
    put(MigrationEntity, row, stored ? equals({ run_id: stored.run_id, state: stored.state }) : NOT_EXISTS),
  ];
  try {
    return await startManualRun(JOB, "busy", { now, beside, ...(invoke && { invoke }) });
  } catch (error) {
    if (error instanceof Error && error.message === "busy") throw conflict(await busy());
    throw error;
  }
}

/**
 * Has a migration stop after its present batch; `start` goes on from there.
 * @throws 409 when it is not running
 */
export async function pause(name: string): Promise<void> {
  const stored = await find(migrationRequest(name));
  const paused =
    stored?.state === "running" &&
    (await commitOne(
      put(
        MigrationEntity,
        { ...stored, state: "paused" },
        equals({ run_id: stored.run_id, state: "running" }),
      ),
    ));
  if (!paused) throw conflict(`${name} is not running.`);
}

/** What would be different about an item. */
export interface Sample {
  readonly key: string;
  readonly before: Readonly<Record<string, unknown>>;
  readonly set: Readonly<Record<string, unknown>>;
  readonly remove: readonly string[];
}

const SAMPLES = 3;

/**
 * What a migration would do: reads as much as it would, and writes nothing, neither an item nor that it was here.
 *
 * @param onBatch is told how far it is
 */
export async function dryRun(
  migration: Migration,
  direction: Direction,
  { units, onBatch = () => undefined }: { readonly units: number; onBatch?(counted: Counted): void },
): Promise<Standing & { readonly samples: readonly Sample[] }> {
  const samples: Sample[] = [];
  const toSample = ({ key: { pk, sk }, values }: StoredItem, { set, remove }: Rewrite): Sample => ({
    key: `${pk} ${sk}`,
    before: Object.fromEntries([...Object.keys(set), ...remove].map((name) => [name, values[name]])),
    set,
    remove,
  });
  const standing = await walk(migration, direction, BEGINNING, {
    pace: createPace(units),
    remaining: () => Number.POSITIVE_INFINITY,
    onBatch: async ({ counted }) => {
      onBatch(counted);
      return "go on";
    },
    onChange: (item, rewrite) => {
      if (samples.length < SAMPLES) samples.push(toSample(item, rewrite));
    },
  });
  return { ...standing, samples };
}
