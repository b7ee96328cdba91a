/** The job that follows renewals, and what was announced for a day. */
import { dateOf, daysAfter } from "../calendar.ts";
import { type CustomerRow, type Directory, getDirectory } from "../directory/index.ts";
import { defineJob, type JobInvocation } from "../jobs/index.ts";
import { factsOf, ledgerRequest, newestVersions, standing } from "../outcomes/index.ts";
import {
  bandOf,
  Forecast,
  LEAD_DAYS,
  newItem,
  type Renewal,
  Renewals,
  revised,
  withEnd,
} from "../renewals/index.ts";
import {
  batchGet,
  CustomerEntity,
  chunkByWrites,
  commitPatiently,
  conditionCheck,
  createPace,
  equals,
  getRequest,
  MIN_SPREAD_ROWS,
  NOT_EXISTS,
  openShards,
  put,
  RETRY,
  RenewalEntity,
  type StoredRenewal,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { writeRecording } from "./outcomes.ts";

/** How far a run of the job got. */
export interface RenewalsProgress {
  /** Renewals that are new, and those of which something was noted. */
  readonly created: number;
  readonly noted: number;
  /** Customers whose status follows an outcome that was announced for the day. */
  readonly moved: number;
  readonly snapshots: number;
  readonly judged: number;
  readonly failed: number;
  readonly finished: boolean;
}

/**
 * Whether somebody is our customer on a day, where an outcome that was recorded for that day says another thing than
 * their status; undefined where there is nothing to do. Who left before the day that had been announced, and whom
 * somebody has changed since they were back, stay as they are.
 */
export function announcedFor(
  { customer, ledger }: Pick<CustomerRow, "customer" | "ledger">,
  day: string,
): boolean | undefined {
  if (!ledger) return undefined;
  const lives = standing(newestVersions(factsOf(ledger))).filter(
    ({ kind }) => kind === "churned" || kind === "reactivated",
  );
  const last = lives.findLast(({ effective_on }) => effective_on <= day);
  if (!last) return undefined;
  const isCustomer = last.kind === "reactivated";
  if (isCustomer === (customer.status !== "churned")) return undefined;
  const hasMoreAhead = lives.some(({ effective_on }) => effective_on > day);
  if (isCustomer && hasMoreAhead && customer.updated_at.slice(0, 10) >= last.effective_on) return undefined;
  return isCustomer;
}

/** Has what was announced for a day take effect on a customer's status. Answers whether it did. */
const moveStatus = (customer_id: string, day: string): Promise<boolean> =>
  withOptimisticRetry(async () => {
    const [customer, ledger] = await batchGet(
      getRequest(CustomerEntity, customer_id),
      ledgerRequest(customer_id),
    );
    if (!customer || !ledger) return false;
    const is_customer = announcedFor({ customer, ledger }, day);
    if (is_customer === undefined) return false;
    // Whoever corrects or withdraws it meanwhile has decided otherwise.
    const writes = [conditionCheck(ledgerRequest(customer_id), equals({ revision: ledger.revision }))];
    return (await writeRecording(customer, { writes, is_customer }, new Date())) ? true : RETRY;
  });

/** What is to be noted of a renewal on a day; undefined for nothing. */
function noteOf(renewal: Renewal, day: string, now: Date): StoredRenewal | undefined {
  const { stored, ending, term_end, row } = renewal;
  if (!renewal.is_due || (stored && ending)) return undefined;
  const known = stored ? withEnd(stored, term_end) : newItem(renewal, now);
  const isLead = !ending && day >= daysAfter(term_end, -LEAD_DAYS) && known.lead_on === undefined;
  const score = row.score?.overall_score;
  const noted = isLead
    ? { ...known, lead_on: day, lead_band: bandOf(row), ...(score !== undefined && { lead_score: score }) }
    : known;
  if (noted === stored) return undefined;
  return stored ? revised(noted, now) : noted;
}

/** Transactions of so many renewals. */
const PER_TRANSACTION = 50;
/** A transaction takes some tens of milliseconds; this is ample, and leaves time to save the result. */
const RESERVE_MS = 4_000;

interface Note {
  readonly item: StoredRenewal;
  readonly before: StoredRenewal | undefined;
}

/** Notes what is to be noted of all renewals on a day. What others change meanwhile is left for the next run. */
async function noteAll(
  directory: Directory,
  day: string,
  { remaining }: Pick<JobInvocation, "remaining">,
): Promise<{ readonly created: number; readonly noted: number; readonly finished: boolean }> {
  const now = new Date();
  const notes = Renewals.allRenewals(directory, day).flatMap((renewal): Note[] => {
    const item = noteOf(renewal, day, now);
    return item ? [{ item, before: renewal.stored }] : [];
  });
  const spread = notes.length >= MIN_SPREAD_ROWS;
  const pace = createPace();
  let [created, noted] = [0, 0];
  for (const some of chunkByWrites(notes, () => 100 / PER_TRANSACTION)) {
    if (remaining() < RESERVE_MS) return { created, noted, finished: false };
    if (spread) await pace(some.length);
    const place = (spread && (await openShards())) || ((one: Write) => one);
    const left = new Set(
      await commitPatiently(some, ({ item, before }) => [
        place(put(RenewalEntity, item, before ? equals({ revision: before.revision }) : NOT_EXISTS)),
      ]),
    );
    const written = some.filter((note) => !left.has(note));
    created += written.filter(({ before }) => !before).length;
    noted += written.filter(({ before }) => before).length;
  }
  return { created, noted, finished: true };
}

/**
 * Follows renewals each day: has announced departures and returns take effect, makes the renewals whose time has come,
 * notes their band 90 days before the end, and keeps the forecasts of the week. Doing it again changes nothing.
 *
 * It goes by the run's day, or by today where that is later: what a day looked like can't be made up for afterwards.
 */
export const renewalsJob = defineJob<RenewalsProgress>({
  id: "renewals",
  start: { created: 0, noted: 0, moved: 0, snapshots: 0, judged: 0, failed: 0, finished: false },
  run: async (now, from, { remaining, log }) => {
    const today = dateOf(new Date());
    const day = dateOf(now) > today ? dateOf(now) : today;
    let [moved, failed] = [0, 0];
    for (const row of [...(await getDirectory()).customers.values()]) {
      if (announcedFor(row, day) === undefined) continue;
      const { id } = row.customer;
      if (remaining() < RESERVE_MS) return { ...from, moved: from.moved + moved };
      try {
        if (await moveStatus(id, day)) moved += 1;
      } catch (error) {
        failed += 1;
        log(id, error);
      }
    }
    const notes = await noteAll(await getDirectory(), day, { remaining });
    const progress = {
      ...from,
      created: from.created + notes.created,
      noted: from.noted + notes.noted,
      moved: from.moved + moved,
      failed,
    };
    if (!notes.finished || remaining() < RESERVE_MS) return progress;
    const { taken, judged } = await Forecast.keepForecasts(await getDirectory(), day, new Date());
    return { ...progress, snapshots: from.snapshots + taken, judged: from.judged + judged, finished: true };
  },
  counts: ({ finished: _, ...counts }) => counts,
  busy: "Renewals are being followed right now. Try again when that has finished.",
});
