import { Problem } from "@success-manager/contract/problem";
import pLimit from "p-limit";
import { type AlertCache, getAlertCache } from "../alerts/index.ts";
import { type CustomerRow, type Directory, getDirectory } from "../directory/index.ts";
import { configuredWeights, recalculate } from "./calculate.ts";
import { isPending, pending, type Waiting } from "./pending.ts";
import { type Plan, plan } from "./plan.ts";
import { recent } from "./window.ts";
import { writePlans } from "./write.ts";

/** Reads under way at once: enough to hide the database's latency, few enough for its connections. */
const READS = 24;
/** Chunks under way at once. */
const CHUNKS = 4;
/** A score without alerts is at most three writes, so a chunk of such is one transaction. */
const CHUNK = 33;
const WAVE = CHUNK * CHUNKS;
/** How old what is known of customers may be. What the batch itself writes comes back with each look. */
const LOOK_AGAIN_MS = 30_000;

export interface Failure {
  readonly customer_id: string;
  readonly error: string;
}

/**
 * Where a batch stands: everything up to and including `after` (a customer id) is done. In the end `total` is
 * `calculated` and `failed` together.
 */
export interface Progress {
  readonly after: string;
  readonly total: number;
  readonly calculated: number;
  readonly failed: number;
  /** At most the first hundred. */
  readonly errors: readonly Failure[];
  readonly finished: boolean;
}

const ERRORS_KEPT = 100;

export const STARTED: Progress = {
  after: "",
  total: 0,
  calculated: 0,
  failed: 0,
  errors: [],
  finished: false,
};

/** What a person may read about a failed customer. */
const sentence = (error: unknown) =>
  error instanceof Problem ? error.message : "It could not be scored; the details are in the log.";

const chunks = <T>(all: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));

type Log = (customer_id: string, error: unknown) => void;
type Failed = ReadonlyMap<string, unknown>;

/** What is known of all customers, and brought up to date now and then. */
interface Sight {
  readonly directory: Directory;
  readonly book: AlertCache;
}

async function sightOf(): Promise<Sight> {
  const [directory, book] = await Promise.all([getDirectory(), getAlertCache()]);
  return { directory, book };
}

/** Scores some customers together, and those one by one that somebody changed meanwhile. Answers who failed, and why. */
async function scoreChunk(
  rows: readonly CustomerRow[],
  book: AlertCache,
  now: Date,
): Promise<Map<string, unknown>> {
  const failed = new Map<string, unknown>();
  const read = pLimit(Math.ceil(READS / CHUNKS));
  const decided = await Promise.all(
    rows.map((row) =>
      read(async (): Promise<{ row: CustomerRow; plan: Plan } | undefined> => {
        const { customer, score: latest, deployments } = row;
        try {
          const known = { ...(await recent(customer.id, now)), conditions: book.of(customer.id) };
          return { row, plan: plan({ customer, latest, deployments, ...known }, now, configuredWeights()) };
        } catch (error) {
          failed.set(customer.id, error);
          return undefined;
        }
      }),
    ),
  );
  const plans = decided.flatMap((one) => one?.plan ?? []);
  const left = new Set(await writePlans(plans).catch(() => plans));
  for (const one of decided)
    if (one && left.has(one.plan))
      await recalculate(one.row, now).catch((error) => failed.set(one.row.customer.id, error));
  return failed;
}

/** Deals with a wave of customers. Whoever was scored or has left meanwhile is none of its concern. */
async function scoreWave(
  wave: readonly Waiting[],
  { directory: { customers }, book }: Sight,
  now: Date,
): Promise<Failed> {
  const failed = new Map<string, unknown>();
  const rows: CustomerRow[] = [];
  for (const { id, complaint } of wave) {
    const row = customers.get(id);
    if (complaint !== undefined) failed.set(id, new Problem(422, complaint));
    else if (row && isPending(row, now.toISOString())) rows.push(row);
  }
  const results = await Promise.all(chunks(rows, CHUNK).map((chunk) => scoreChunk(chunk, book, now)));
  for (const result of results) for (const [id, error] of result) failed.set(id, error);
  return failed;
}

/** When nobody can be scored, so many for no known reason, it is not the customers' fault. */
const SUSPICIOUS = 20;

/** @throws what kept a whole wave from being scored: the run is worth to be tried again later */
function checkWave(wave: readonly Waiting[], failed: Failed): void {
  const unexpected = [...failed.values()].filter((error) => !(error instanceof Problem));
  if (failed.size === wave.length && unexpected.length >= SUSPICIOUS) throw unexpected[0];
}

const counted = (progress: Progress, wave: readonly Waiting[], failed: Failed): Progress => {
  const failures = Array.from(failed, ([customer_id, error]) => ({ customer_id, error: sentence(error) }));
  return {
    ...progress,
    after: wave.at(-1)?.id ?? progress.after,
    calculated: progress.calculated + wave.length - failures.length,
    failed: progress.failed + failures.length,
    errors: [...progress.errors, ...failures].slice(0, ERRORS_KEPT),
  };
};

/**
 * Scores customers from where `from` stands until all are done or the time is up.
 * A customer that fails is named in the result and does not stop the rest.
 *
 * @param now the instant of all its scores
 * @param remaining milliseconds left; the batch stops in time to save its progress
 * @param save called now and then with the progress so far
 * @throws what kept everybody from being scored, such as a database that does not answer
 */
export async function scoreAll(
  now: Date,
  from: Progress,
  remaining: () => number,
  save: (progress: Progress) => void,
  log: Log,
): Promise<Progress> {
  const sight = await sightOf();
  let looked = Date.now();
  const waiting = pending(sight.directory, from.after, now.toISOString());
  let progress: Progress = { ...from, total: from.calculated + from.failed + waiting.length };
  for (const wave of chunks(waiting, WAVE)) {
    if (remaining() < RESERVE_MS) return progress;
    if (Date.now() - looked > LOOK_AGAIN_MS) {
      await sightOf();
      looked = Date.now();
    }
    const failed = await scoreWave(wave, sight, now);
    for (const [customer_id, error] of failed) log(customer_id, error);
    checkWave(wave, failed);
    progress = counted(progress, wave, failed);
    save(progress);
  }
  return { ...progress, finished: true };
}

/** A wave takes about half a second; this is ample, and leaves time to hand over. */
const RESERVE_MS = 4_000;
