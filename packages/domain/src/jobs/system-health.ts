/** How the parts of the system are, for an admin. Each is asked for a short while only. */
import { setTimeout as sleep } from "node:timers/promises";
import { type Job, jobs } from "@success-manager/contract/jobs";
import type { SystemHealth } from "@success-manager/contract/settings";
import { config } from "../config.ts";
import {
  batchGet,
  commitOne,
  find,
  getRequest,
  type JobLock,
  JobLockEntity,
  migrationRequest,
  putItem,
  StreamEchoEntity,
  StreamProbeEntity,
} from "../table/index.ts";
import { nextRun, toScheduledJob } from "./api.ts";

type Checks = SystemHealth["checks"];

/** How long a part may take to answer. */
const PATIENCE_MS = 2_000;
/** A table that takes longer is slow; one that is well answers within some ten milliseconds. */
const SLOW_MS = 500;
/** What a change usually takes to be counted, at most. */
const ECHO_MS = 400;
/** Counters that are further behind than this show something else than what is stored. */
const LAG_MS = 60_000;
/** How long after its time a job counts as late. */
export const LATE_MS = 60 * 60_000;

/** What something answers, and how long it took; undefined when it fails or takes too long. */
async function timed<T>(ask: () => Promise<T>): Promise<{ value: T; ms: number } | undefined> {
  const start = performance.now();
  const stop = new AbortController();
  try {
    const late = sleep(PATIENCE_MS, undefined, { signal: stop.signal });
    const value = await Promise.race([ask().then((found) => ({ found })), late]);
    return value && { value: value.found, ms: Math.round(performance.now() - start) };
  } catch {
    return undefined;
  } finally {
    stop.abort();
  }
}

const PROBE = "rollups";
const readEcho = () => find(getRequest(StreamEchoEntity, PROBE));

interface Echo {
  readonly written_at: number;
  readonly seen_at: number;
}

/**
 * How far behind the stream is: how long the newest probe took to come through it, or how long it is under way.
 *
 * @param written_at of the newest probe, in milliseconds
 */
export function streamHealth(written_at: number, echo: Echo | undefined, now: number): Checks["stream"] {
  const isAnswered = echo !== undefined && echo.written_at >= written_at;
  const lag_ms = Math.max(0, isAnswered ? echo.seen_at - echo.written_at : now - written_at);
  if (lag_ms < LAG_MS) return { status: "ok", detail: "Changes are counted as they happen.", lag_ms };
  const detail = "Changes are counted late: totals and trends lag behind what is stored.";
  return { status: "degraded", detail, lag_ms };
}

/** Writes a probe, unless an earlier one is still under way, and looks for its echo. */
async function checkStream(probe: { written_at: number } | undefined, echo: Echo | undefined) {
  const isUnderway = probe !== undefined && (echo?.written_at ?? 0) < probe.written_at;
  const written_at = isUnderway ? probe.written_at : Date.now();
  if (!isUnderway) await commitOne(putItem(StreamProbeEntity.put({ id: PROBE, written_at })));
  await sleep(ECHO_MS);
  return streamHealth(written_at, await readEcho(), Date.now());
}

const WATCHED_EVERY_MS = 500;

/**
 * Writes a probe, unless an earlier one is still under way, and waits for its echo. Answers how many milliseconds the
 * probe took, or how long it is under way. It is of one shard of the stream, of which a large table has several.
 */
export async function measureStreamLag(patienceMs: number): Promise<number> {
  const [probe, echo] = await batchGet(
    getRequest(StreamProbeEntity, PROBE),
    getRequest(StreamEchoEntity, PROBE),
  );
  const isUnderway = probe !== undefined && (echo?.written_at ?? 0) < probe.written_at;
  const written_at = isUnderway ? probe.written_at : Date.now();
  if (!isUnderway) await commitOne(putItem(StreamProbeEntity.put({ id: PROBE, written_at })));
  const until = Date.now() + patienceMs;
  for (;;) {
    const seen = await readEcho();
    if (seen && seen.written_at >= written_at) return Math.max(0, seen.seen_at - seen.written_at);
    if (Date.now() >= until) return Date.now() - written_at;
    await sleep(WATCHED_EVERY_MS);
  }
}

async function checkDeadLetters(): Promise<Checks["dead_letters"]> {
  const { DEAD_LETTER_QUEUE_URL: QueueUrl } = config();
  const { GetQueueAttributesCommand, SQSClient } = await import("./sqs-client.ts");
  const client = new SQSClient({ maxAttempts: 1 });
  const answer = await timed(() =>
    client.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ["ApproximateNumberOfMessages"] })),
  );
  client.destroy();
  const found = answer?.value.Attributes?.ApproximateNumberOfMessages;
  if (found === undefined)
    return { status: "unknown", detail: "The dead-letter queue can't be reached.", depth: null };
  const depth = Number(found);
  return depth === 0
    ? { status: "ok", detail: "Every event was handled.", depth }
    : { status: "degraded", detail: "Some events could not be handled; look into the queue.", depth };
}

/** How a job is: whether it failed last, and whether it should have run again since. */
export function jobHealth(job: Job, lock: JobLock | undefined, timezone: string, now: Date) {
  const { id, name, last_run, next_run_time: next_run } = toScheduledJob(job, lock, timezone, now);
  const due = last_run && nextRun(job.cron, timezone, new Date(last_run.run_id));
  const is_late = last_run?.state !== "running" && !!due && due.getTime() + LATE_MS < now.getTime();
  const state = last_run?.state ?? "never_ran";
  return { id, name, state, last_run: last_run?.run_id ?? null, next_run, is_late } as const;
}

function checkJobs(locks: readonly (JobLock | undefined)[], now: Date): Checks["jobs"] {
  const timezone = config().SCHEDULE_TIMEZONE;
  const all = jobs.map((job, n) => jobHealth(job, locks[n], timezone, now));
  const named = (some: typeof all) => some.map(({ name }) => `“${name}”`).join(", ");
  const failed = all.filter(({ state }) => state === "failed");
  const late = all.filter(({ is_late }) => is_late);
  const problems = [
    ...(failed.length > 0 ? [`Failed last: ${named(failed)}.`] : []),
    ...(late.length > 0 ? [`Late: ${named(late)}.`] : []),
  ];
  return problems.length > 0
    ? { status: "degraded", detail: problems.join(" "), jobs: all }
    : { status: "ok", detail: "All jobs run as scheduled.", jobs: all };
}

/** Whether the migrations that this version needs are done. */
export function migrationHealth(
  required: readonly string[],
  stored: readonly ({ readonly state: string } | undefined)[],
): Checks["migrations"] {
  const pending = required.filter((_, n) => stored[n]?.state !== "done");
  return pending.length === 0
    ? { status: "ok", detail: "All data is as this version needs it.", pending }
    : {
        status: "degraded",
        detail: `Run the migrations (npm run migrations -- up): this version needs ${pending.join(", ")}.`,
        pending,
      };
}

const checkMail = (): Checks["mail"] =>
  config().WATCHED_SENDER || config().MAIL_FROM
    ? { status: "ok", detail: "A sender is set up." }
    : { status: "unknown", detail: "No sender is set up: no mails are sent." };

/** Whether the bucket is there. We may not look into it, so it refuses us, which is an answer as well. */
async function checkFiles(): Promise<Checks["files"]> {
  const { WATCHED_BUCKET: bucket, AWS_ENDPOINT_URL_S3: local, AWS_REGION: region } = config();
  if (!bucket) return { status: "unknown", detail: "No bucket is set up.", latency_ms: null };
  const address = local ? `${local}/${bucket}` : `https://${bucket}.s3.${region}.amazonaws.com/`;
  const answer = await timed(() => fetch(address, { method: "HEAD", redirect: "manual" }));
  if (!answer) return { status: "down", detail: "The bucket of reports can't be reached.", latency_ms: null };
  const { value, ms: latency_ms } = answer;
  return value.status === 404 || value.status >= 500
    ? { status: "down", detail: "The bucket of reports is not there or fails.", latency_ms }
    : { status: "ok", detail: "The bucket of reports answers.", latency_ms };
}

/** `down` without the table, `degraded` when something else is wrong. */
export function overallHealth({ table, ...others }: Checks): SystemHealth["status"] {
  if (table.status === "down") return "down";
  const isFine = ({ status }: { status: string }) => status === "ok" || status === "unknown";
  return [table, ...Object.values(others)].every(isFine) ? "ok" : "degraded";
}

const UNANSWERED = { status: "unknown", detail: "The table does not answer." } as const;

/**
 * How the parts of the system are now. Takes four seconds at most.
 *
 * @param required names of migrations that this version does not do without
 */
export async function systemHealth(required: readonly string[]): Promise<SystemHealth> {
  const now = new Date();
  // Loading it in a new process would be taken for the table's time.
  await import("./sqs-client.ts");
  const [stored, migrated, dead_letters, files] = await Promise.all([
    timed(() =>
      batchGet(
        getRequest(StreamProbeEntity, PROBE),
        getRequest(StreamEchoEntity, PROBE),
        ...jobs.map(({ id }) => getRequest(JobLockEntity, id)),
      ),
    ),
    timed(() => batchGet(...required.map(migrationRequest))),
    checkDeadLetters(),
    checkFiles(),
  ]);
  const migrations: Checks["migrations"] = migrated
    ? migrationHealth(required, migrated.value)
    : { ...UNANSWERED, pending: [] };
  const checks: Checks = {
    ...(await checkStored(stored, now)),
    ...{ dead_letters, migrations, mail: checkMail(), files },
  };
  return { status: overallHealth(checks), checked_at: now.toISOString(), checks };
}

type Stored = readonly [
  probe: { written_at: number } | undefined,
  echo: Echo | undefined,
  ...locks: (JobLock | undefined)[],
];

/** What the table tells: how it is itself, how far its stream is, what jobs did. */
async function checkStored(
  stored: { readonly value: Stored; readonly ms: number } | undefined,
  now: Date,
): Promise<Pick<Checks, "table" | "stream" | "jobs">> {
  if (!stored)
    return {
      table: { status: "down", detail: UNANSWERED.detail, latency_ms: null },
      stream: { ...UNANSWERED, lag_ms: null },
      jobs: { ...UNANSWERED, jobs: [] },
    };
  const [probe, echo, ...locks] = stored.value;
  const stream = await timed(() => checkStream(probe, echo));
  const { ms: latency_ms } = stored;
  return {
    table:
      latency_ms < SLOW_MS
        ? { status: "ok", detail: "The table answers.", latency_ms }
        : { status: "degraded", detail: "The table answers slowly.", latency_ms },
    stream: stream?.value ?? { ...UNANSWERED, lag_ms: null },
    jobs: checkJobs(locks, now),
  };
}
