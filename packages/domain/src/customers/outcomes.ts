/** Recording what became of a customer, with the status that follows from it. The rules: `outcomes/`. */
import type {
  NewOutcome,
  Outcome,
  OutcomeChanges,
  OutcomeImport,
  OutcomeImported,
} from "@success-manager/contract/outcomes";
import { type IfMatch, notFound, Problem, requireMatch } from "@success-manager/contract/problem";
import pLimit from "p-limit";
import { pauseFollowUps } from "../interactions/index.ts";
import {
  idOf,
  ledgerRequest,
  Outcomes,
  type Recording,
  recordingOfCorrection,
  recordingOfNew,
  recordingOfWithdrawal,
  type Subject,
} from "../outcomes/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  CustomerEntity,
  commit,
  getOrThrow,
  getRequest,
  OutcomeEntity,
  type OutcomeLedger,
  RETRY,
  type StoredCustomer,
  type StoredOutcome,
  withOptimisticRetry,
} from "../table/index.ts";
import { stamped, writeChange } from "./write.ts";

/** A customer with what is known of them, and the reasons that there are. @throws 404 */
async function loadSubject(customer_id: string) {
  const [customer, ledger, settings] = await batchGet(
    getRequest(CustomerEntity, customer_id),
    ledgerRequest(customer_id),
    settingsRequest("outcomes"),
  );
  if (!customer) throw notFound("Customer");
  const subject: Subject = { customer, ledger };
  return { subject, settings: settingsOf("outcomes", settings) };
}

/**
 * Writes a recording, with what else changes of the customer. Whether they are our customer today decides about the
 * status, where the recording has changed that: who has left is churned, with all that follows, and who never left or is
 * back is active.
 *
 * @returns false when others were quicker
 */
export async function writeRecording(
  before: StoredCustomer,
  { writes, is_customer }: Pick<Recording, "writes" | "is_customer">,
  now: Date,
  changes: Pick<Partial<StoredCustomer>, "contract_end_date"> = {},
): Promise<boolean> {
  const isChurned = before.status === "churned";
  const isMoved = is_customer !== undefined && is_customer === isChurned;
  if (!isMoved && changes.contract_end_date === undefined) return (await commit(writes)).length === 0;
  const status = is_customer ? ("active" as const) : ("churned" as const);
  const change = {
    set: stamped(before, isMoved ? { ...changes, status } : changes, now),
    remove: isMoved ? ["status_before_risk" as const] : [],
  };
  if ((await writeChange(before, change, now, writes)) !== "written") return false;
  if (isMoved) await pauseFollowUps({ ...before, status });
  return true;
}

/** An outcome as it is answered to who has just recorded it. */
const toAnswer = (
  outcome: StoredOutcome,
  { customer }: Subject,
  ledger: OutcomeLedger | undefined,
): Outcome =>
  Outcomes.toOutcome(
    outcome,
    customer.company_name,
    Outcomes.spellOf(outcome.id, customer, ledger),
    outcome.revision,
  );

/**
 * Records what became of a customer. One that has its reference already is answered as it is.
 *
 * @throws 404; 409 where it contradicts what is known; 422 for what can't be by itself
 */
export const recordOutcome = (customer_id: string, input: NewOutcome): Promise<Outcome> =>
  withOptimisticRetry(async () => {
    const { subject, settings } = await loadSubject(customer_id);
    const now = new Date();
    const recorded = recordingOfNew(subject, [input], settings, now);
    const [outcome] = recorded.outcomes;
    if (!outcome) return Outcomes.get(idOf(customer_id, input.reference ?? undefined));
    return (await writeRecording(subject.customer, recorded, now))
      ? toAnswer(outcome, subject, recorded.ledger)
      : RETRY;
  });

type Loaded = Awaited<ReturnType<typeof loadSubject>> & { readonly before: StoredOutcome };

/** Writes another version of an outcome; undefined for none. */
const change = (
  id: string,
  ifMatch: IfMatch | undefined,
  decide: (loaded: Loaded, now: Date) => (Recording & { readonly after: StoredOutcome }) | undefined,
): Promise<Outcome> =>
  withOptimisticRetry(async () => {
    const before = await getOrThrow(getRequest(OutcomeEntity, id), "Outcome");
    requireMatch(before.revision, ifMatch);
    const { subject, settings } = await loadSubject(before.customer_id);
    const now = new Date();
    const recording = decide({ subject, settings, before }, now);
    if (!recording) return toAnswer(before, subject, subject.ledger);
    return (await writeRecording(subject.customer, recording, now))
      ? toAnswer(recording.after, subject, recording.ledger)
      : RETRY;
  });

/**
 * Corrects an outcome: a new version, while the one before stays readable.
 *
 * @throws 404; 409 where it contradicts what is known, and for one that was withdrawn; 412 when `ifMatch` is outdated; 422
 */
export const correctOutcome = (id: string, input: OutcomeChanges, ifMatch?: IfMatch): Promise<Outcome> =>
  change(id, ifMatch, ({ subject, settings, before }, now) =>
    recordingOfCorrection(subject, before, input, settings, now),
  );

/** Withdraws an outcome that never was. @throws 404; 409 where others rest on it, or it was withdrawn; 412 */
export const withdrawOutcome = (id: string, ifMatch?: IfMatch): Promise<Outcome> =>
  change(id, ifMatch, ({ subject, before }, now) => recordingOfWithdrawal(subject, before, now));

/** Customers of an import whose outcomes are written at the same time. */
const CONCURRENCY = 8;

type Imported = OutcomeImport["outcomes"][number] & { readonly index: number };

/** Records the outcomes of one customer: all, or none. Answers how many were new. */
const importOfCustomer = (customer_id: string, inputs: readonly Imported[]): Promise<number> =>
  withOptimisticRetry(async () => {
    const { subject, settings } = await loadSubject(customer_id);
    const now = new Date();
    const recorded = recordingOfNew(subject, inputs, settings, now, { again: true });
    const count = recorded.outcomes.filter((outcome) => outcome !== undefined).length;
    return count === 0 || (await writeRecording(subject.customer, recorded, now)) ? count : RETRY;
  });

/**
 * Records outcomes of the past. Those of a customer are recorded together or not at all, in whatever order they come;
 * what is there already is left alone, so an import may be sent again.
 */
export async function importOutcomes({ outcomes }: OutcomeImport): Promise<OutcomeImported> {
  const byCustomer = Map.groupBy(
    outcomes.map((outcome, index): Imported => ({ ...outcome, index })),
    ({ customer_id }) => customer_id,
  );
  const failed: OutcomeImported["failed"] = [];
  let recorded = 0;
  await pLimit(CONCURRENCY).map([...byCustomer], async ([customer_id, inputs]) => {
    try {
      const count = await importOfCustomer(customer_id, inputs);
      // Only now: others have added meanwhile.
      recorded += count;
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      failed.push(...inputs.map(({ index }) => ({ index, customer_id, detail: error.message })));
    }
  });
  failed.sort((a, b) => a.index - b.index);
  return { recorded, unchanged: outcomes.length - recorded - failed.length, failed };
}
