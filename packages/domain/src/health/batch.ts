import { Problem } from "@success-manager/contract/problem";
import type { AlertSettings } from "@success-manager/contract/settings";
import pLimit from "p-limit";
import { type AlertCache, getAlertCache } from "../alerts/index.ts";
import { type CustomerRow, type Directory, getDirectory } from "../directory/index.ts";
import type { JobInvocation } from "../jobs/index.ts";
import { loadScoreTexts } from "../messages/index.ts";
import { loadSettings } from "../settings/index.ts";
import { createPace, MIN_SPREAD_ROWS, openShards } from "../table/index.ts";
import { decideScore, type ScoreDecision, writeDecisions } from "./decision.ts";
import type { Definition } from "./definition.ts";
import { loadDefinitions, lookBackOf } from "./definitions.ts";
import { activitySince, configuredWeights, recentActivity } from "./inputs.ts";
import { isPending, type PendingCustomer, pendingCustomers } from "./pending.ts";
import { recalculate } from "./score.ts";

/** Reads at the same time: enough to hide the database's latency, few enough for its connections. */
const CONCURRENT_READS = 24;
/** Chunks at the same time. */
const CONCURRENT_CHUNKS = 4;
/** A score without alerts is at most three writes, so a chunk of such is one transaction. */
const CHUNK_SIZE = 33;
const WAVE_SIZE = CHUNK_SIZE * CONCURRENT_CHUNKS;
/** How old the caches may be. What the batch itself writes comes back with each refresh. */
const REFRESH_MS = 30_000;
/** A wave takes about half a second; this is ample, and leaves time to continue elsewhere. */
const RESERVE_MS = 4_000;

/**
 * How far a batch got: everything up to and including `after` (a customer id) is done. In the end `total` is
 * `calculated` and `failed` together.
 */
export interface BatchProgress {
  readonly after: string;
  readonly total: number;
  readonly calculated: number;
  readonly failed: number;
  /** At most the first hundred. */
  readonly errors: readonly { readonly customer_id: string; readonly error: string }[];
  readonly finished: boolean;
}

export const NOTHING_YET: BatchProgress = {
  after: "",
  total: 0,
  calculated: 0,
  failed: 0,
  errors: [],
  finished: false,
};

const MAX_ERRORS = 100;

/** What a person may read about a customer that failed. */
const errorMessage = (error: unknown) =>
  error instanceof Problem ? error.message : "It could not be scored; the details are in the log.";

const chunksOf = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

/** Errors by customer. */
type Failures = ReadonlyMap<string, unknown>;

interface Caches {
  readonly directory: Directory;
  readonly alerts: AlertCache;
}

/** What a batch goes by. */
interface Known extends Caches {
  readonly settings: AlertSettings;
  readonly definitions: readonly Definition[];
  /** How many days these look at. */
  readonly days: number;
  /** Whether so many are scored that their rows are spread over shards, and written no faster than the table takes them. */
  readonly isLarge: boolean;
}

/** Both caches as of now; what was returned before is refreshed, too. */
async function refreshCaches(): Promise<Caches> {
  const [directory, alerts] = await Promise.all([getDirectory(), getAlertCache()]);
  return { directory, alerts };
}

/** Scores some customers together, and one by one those that somebody changed meanwhile. Answers who failed. */
async function scoreChunk(
  rows: readonly CustomerRow[],
  { alerts, settings, definitions, days, isLarge }: Known,
  now: Date,
): Promise<Failures> {
  const failures = new Map<string, unknown>();
  const limit = pLimit(Math.ceil(CONCURRENT_READS / CONCURRENT_CHUNKS));
  const decided = await Promise.all(
    rows.map((row) =>
      limit(async (): Promise<{ row: CustomerRow; decision: ScoreDecision } | undefined> => {
        const { customer, stored_score: latest = row.score, deployments } = row;
        try {
          const since = activitySince(days, now, latest?.calculated_at);
          const activity = await recentActivity(customer.id, since, now);
          const states = alerts.of(customer.id);
          const input = { customer, latest, deployments, ...activity, states, settings, definitions };
          return { row, decision: decideScore(input, now, configuredWeights(), await loadScoreTexts("en")) };
        } catch (error) {
          failures.set(customer.id, error);
          return undefined;
        }
      }),
    ),
  );
  const decisions = decided.flatMap((one) => one?.decision ?? []);
  const write = async () => writeDecisions(decisions, (isLarge && (await openShards())) || undefined);
  const unwritten = new Set(await write().catch(() => decisions));
  for (const one of decided)
    if (one && unwritten.has(one.decision))
      await recalculate(one.row, now).catch((error) => failures.set(one.row.customer.id, error));
  return failures;
}

/** Scores a wave of customers, without those who were scored or have churned meanwhile. Answers who failed. */
async function scoreWave(wave: readonly PendingCustomer[], known: Known, now: Date): Promise<Failures> {
  const { customers } = known.directory;
  const failures = new Map<string, unknown>();
  const rows: CustomerRow[] = [];
  for (const { id, error } of wave) {
    const row = customers.get(id);
    if (error !== undefined) failures.set(id, new Problem(422, error));
    else if (row && isPending(row, now.toISOString())) rows.push(row);
  }
  const results = await Promise.all(chunksOf(rows, CHUNK_SIZE).map((chunk) => scoreChunk(chunk, known, now)));
  for (const result of results) for (const [id, error] of result) failures.set(id, error);
  return failures;
}

/** When so many fail for no known reason, and nobody else succeeds, it is not the customers' data. */
const SUSPICIOUS = 20;

/** @throws what kept a whole wave from being scored: the run should be repeated later */
function checkWave(wave: readonly PendingCustomer[], failures: Failures): void {
  const unexpected = [...failures.values()].filter((error) => !(error instanceof Problem));
  if (failures.size === wave.length && unexpected.length >= SUSPICIOUS) throw unexpected[0];
}

function advance(
  progress: BatchProgress,
  wave: readonly PendingCustomer[],
  failures: Failures,
): BatchProgress {
  const errors = Array.from(failures, ([customer_id, error]) => ({
    customer_id,
    error: errorMessage(error),
  }));
  return {
    ...progress,
    after: wave.at(-1)?.id ?? progress.after,
    calculated: progress.calculated + wave.length - errors.length,
    failed: progress.failed + errors.length,
    errors: [...progress.errors, ...errors].slice(0, MAX_ERRORS),
  };
}

/**
 * Scores customers from where `from` stands until all are done or the time is up.
 * A customer that fails is named in the result and does not stop the rest.
 *
 * @param now the instant of all its scores
 * @param remaining milliseconds left; the batch stops in time to save its progress
 * @param save called with the progress after each wave
 * @throws what kept everybody from being scored, such as a database that does not answer
 */
export async function scoreAll(
  now: Date,
  from: BatchProgress,
  remaining: () => number,
  save: (progress: BatchProgress) => void,
  log: JobInvocation["log"],
): Promise<BatchProgress> {
  const [caches, settings, definitions] = await Promise.all([
    refreshCaches(),
    loadSettings("alerts"),
    loadDefinitions(),
  ]);
  const pending = pendingCustomers(caches.directory, from.after, now.toISOString());
  const isLarge = pending.length >= MIN_SPREAD_ROWS;
  const known: Known = { ...caches, settings, definitions, days: lookBackOf(definitions), isLarge };
  const pace = createPace();
  let refreshed = Date.now();
  let progress: BatchProgress = { ...from, total: from.calculated + from.failed + pending.length };
  for (const wave of chunksOf(pending, WAVE_SIZE)) {
    if (remaining() < RESERVE_MS) return progress;
    if (Date.now() - refreshed > REFRESH_MS) {
      await refreshCaches();
      refreshed = Date.now();
    }
    if (isLarge) await pace(wave.length);
    const failures = await scoreWave(wave, known, now);
    for (const [customer_id, error] of failures) log(customer_id, error);
    checkWave(wave, failures);
    progress = advance(progress, wave, failures);
    save(progress);
  }
  return { ...progress, finished: true };
}
