import { Problem } from "@success-manager/contract/problem";
import pLimit from "p-limit";
import { type AlertBook, currentAlerts } from "../alert/index.ts";
import { type CustomerRow, current } from "../directory/index.ts";
import { configuredWeights, recalculate } from "./calculate.ts";
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

export interface Failure {
  readonly customer_id: string;
  readonly error: string;
}

/** Where a batch stands: everything up to and including `after` (a customer id) is done. */
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

/** Customers a batch scores: not churned, without a score at or after its instant; in the order of their ids. */
function pending(rows: Iterable<CustomerRow>, after: string, now: Date): CustomerRow[] {
  const instant = now.toISOString();
  return [...rows]
    .filter(
      ({ customer, score }) =>
        customer.id > after && customer.status !== "churned" && (score?.calculated_at ?? "") < instant,
    )
    .sort((a, b) => (a.customer.id < b.customer.id ? -1 : 1));
}

type Log = (customer_id: string, error: unknown) => void;

/** Scores some customers together, and those one by one that somebody changed meanwhile. */
async function scoreChunk(rows: readonly CustomerRow[], book: AlertBook, now: Date, log: Log) {
  const failures: Failure[] = [];
  const fail = (customer_id: string, error: unknown) => {
    log(customer_id, error);
    failures.push({ customer_id, error: sentence(error) });
  };
  const read = pLimit(Math.ceil(READS / CHUNKS));
  const decided = await Promise.all(
    rows.map((row) =>
      read(async (): Promise<{ row: CustomerRow; plan: Plan } | undefined> => {
        const { customer, score: latest, deployments } = row;
        try {
          const known = { ...(await recent(customer.id, now)), conditions: book.of(customer.id) };
          return { row, plan: plan({ customer, latest, deployments, ...known }, now, configuredWeights()) };
        } catch (error) {
          fail(customer.id, error);
          return undefined;
        }
      }),
    ),
  );
  const plans = decided.flatMap((one) => one?.plan ?? []);
  const left = new Set(await writePlans(plans).catch(() => plans));
  for (const one of decided)
    if (one && left.has(one.plan))
      await recalculate(one.row, now).catch((error) => fail(one.row.customer.id, error));
  return failures;
}

/**
 * Scores customers from where `from` stands until all are done or the time is up.
 * A customer that fails is named in the result and does not stop the rest.
 *
 * @param now the instant of all its scores
 * @param remaining milliseconds left; the batch stops in time to save its progress
 * @param save called now and then with the progress so far
 */
export async function scoreAll(
  now: Date,
  from: Progress,
  remaining: () => number,
  save: (progress: Progress) => Promise<void>,
  log: Log,
): Promise<Progress> {
  const [directory, book] = await Promise.all([current(), currentAlerts()]);
  const waiting = pending(directory.customers.values(), from.after, now);
  let progress: Progress = from.total === 0 ? { ...from, total: waiting.length } : from;
  for (const wave of chunks(waiting, WAVE)) {
    if (remaining() < RESERVE_MS) return progress;
    const failures = (
      await Promise.all(chunks(wave, CHUNK).map((chunk) => scoreChunk(chunk, book, now, log)))
    ).flat();
    progress = {
      ...progress,
      after: wave.at(-1)?.customer.id ?? progress.after,
      calculated: progress.calculated + wave.length - failures.length,
      failed: progress.failed + failures.length,
      errors: [...progress.errors, ...failures].slice(0, ERRORS_KEPT),
    };
    await save(progress);
  }
  return { ...progress, finished: true };
}

/** A wave takes about half a second; this is ample, and leaves time to hand over. */
const RESERVE_MS = 4_000;
