/** Changing and closing renewals. What a renewal is: `renewals/`; the job that follows them: `renewals-job.ts`. */
import type { NewOutcome } from "@success-manager/contract/outcomes";
import {
  conflict,
  type IfMatch,
  notFound,
  Problem,
  requireMatch,
  unprocessable,
} from "@success-manager/contract/problem";
import type { RenewalChanges, RenewalEnd, TermRenewal } from "@success-manager/contract/renewals";
import type { OpenRenewalStage, RenewalStage } from "@success-manager/contract/vocabulary";
import { dateOf, daysAfter } from "../calendar.ts";
import { type CustomerRow, getDirectory } from "../directory/index.ts";
import { ledgerRequest, recordingOfNew } from "../outcomes/index.ts";
import {
  CREATED_BEFORE_DAYS,
  newItem,
  type Renewal,
  Renewals,
  renewalsOf,
  revised,
  withEnd,
} from "../renewals/index.ts";
import { settingsOf, settingsRequest } from "../settings/index.ts";
import {
  batchGet,
  CustomerEntity,
  equals,
  getRequest,
  NOT_EXISTS,
  type OutcomeLedger,
  put,
  RETRY,
  RenewalEntity,
  type StoredCustomer,
  type StoredRenewal,
  splitChanges,
  UserEntity,
  withOptimisticRetry,
} from "../table/index.ts";
import { writeRecording } from "./outcomes.ts";
import { checkContractDates } from "./write.ts";

const isOpen = (stage: RenewalStage): stage is OpenRenewalStage => stage !== "renewed" && stage !== "lost";

/** What closing a renewal records. @throws 422 for what does not fit the renewal */
function outcomeOf(
  stage: "renewed" | "lost",
  { term_end }: Pick<Renewal, "term_end">,
  customer: StoredCustomer,
  { contract_end_date, ...end }: RenewalEnd,
  amount: number | undefined,
): NewOutcome {
  const effective_on = end.effective_on ?? daysAfter(term_end, 1);
  if (stage === "lost") {
    if (contract_end_date !== undefined)
      throw unprocessable("contract_end_date", "is for a renewal that was renewed");
    return { ...end, kind: "churned", effective_on };
  }
  if (effective_on < daysAfter(term_end, -CREATED_BEFORE_DAYS))
    throw unprocessable(
      "effective_on",
      `must not be more than ${CREATED_BEFORE_DAYS} days before ${term_end}, the end of the term`,
    );
  if (contract_end_date !== undefined) {
    if (contract_end_date <= term_end)
      throw unprocessable("contract_end_date", `must be after ${term_end}, the end of the term`);
    const present = customer.contract_end_date ?? "";
    if (contract_end_date < present)
      throw unprocessable("contract_end_date", `must not be before ${present}, the end of the contract`);
    checkContractDates({ ...customer, contract_end_date });
  }
  return { ...end, kind: "renewed", effective_on, amount_after: end.amount_after ?? amount };
}

/** What is refused of an outcome stands in the body's `outcome`. */
function inOutcome<Result>(record: () => Result): Result {
  try {
    return record();
  } catch (error) {
    if (!(error instanceof Problem) || !error.errors) throw error;
    const errors = error.errors.map(({ loc: [body = "body", ...path], ...rest }) => ({
      ...rest,
      loc: [body, "outcome", ...path],
    }));
    throw new Problem(error.status, `outcome.${error.message}`, { errors });
  }
}

/** A row with what was read of it just now. */
const freshRow = (
  row: CustomerRow,
  customer: StoredCustomer,
  ledger: OutcomeLedger | undefined,
  item: StoredRenewal | undefined,
): CustomerRow => ({
  ...row,
  customer,
  ledger,
  renewals: item
    ? [...row.renewals.filter(({ id }) => id !== item.id), item].sort((a, b) => a.number - b.number)
    : row.renewals,
});

/**
 * Changes a renewal: absent keys stay, null clears. One that is closed records the outcome in the same transaction, so
 * of two who close it at once one does; the other is told that it has ended.
 *
 * @throws 404; 409 for one that has ended, or where the outcome contradicts what is known; 412 when `ifMatch` is
 * outdated; 422 for an unknown or deactivated owner, and for an outcome that does not fit
 */
export const updateRenewal = (id: string, input: RenewalChanges, ifMatch?: IfMatch): Promise<TermRenewal> =>
  withOptimisticRetry(async () => {
    const now = new Date();
    const today = dateOf(now);
    const directory = await getDirectory();
    const known = Renewals.findRenewal(directory, id, today);
    if (!known) throw notFound("Renewal");
    const { stage, outcome: end, ...details } = input;
    const { owner_id } = details;
    const customer_id = known.row.customer.id;
    const [customer, ledger, item, settings, owner] = await batchGet(
      getRequest(CustomerEntity, customer_id),
      ledgerRequest(customer_id),
      getRequest(RenewalEntity, id),
      settingsRequest("outcomes"),
      owner_id ? getRequest(UserEntity, owner_id) : undefined,
    );
    if (!customer) throw notFound("Renewal");
    const row = freshRow(known.row, customer, ledger, item);
    const renewal = renewalsOf(row, today).find((one) => one.id === id);
    if (!renewal) throw notFound("Renewal");
    requireMatch(item?.revision ?? 1, ifMatch);
    if (renewal.ending)
      throw conflict(
        "This renewal has ended. What became of it is changed by its outcome: correct or withdraw that.",
      );
    // One who was deactivated since stays, as a form sends them along.
    if (owner_id && owner_id !== item?.owner_id && !owner?.is_active)
      throw unprocessable("owner_id", "must be the id of an active user");
    const closing = stage === undefined || isOpen(stage) ? undefined : stage;
    if (end && !closing)
      throw unprocessable(
        "outcome",
        "is for a stage of renewed or lost: what an open renewal has not had yet",
      );
    const before = withEnd(item ?? newItem(renewal, now), renewal.term_end);
    const { set, remove } = splitChanges<Partial<StoredRenewal>>(details);
    const changes: Partial<StoredRenewal> = {
      ...set,
      ...Object.fromEntries(remove.map((key) => [key, undefined])),
      ...(stage !== undefined && isOpen(stage) && { stage }),
    };
    const isChanged = Object.entries(changes).some(
      ([key, value]) => before[key as keyof StoredRenewal] !== value,
    );
    const answer = (shown: CustomerRow) => {
      const after = renewalsOf(shown, today).find((one) => one.id === id);
      if (!after) throw notFound("Renewal");
      return Renewals.toTermRenewal(after, directory, today);
    };
    if (!isChanged && !closing) return answer(row);
    const changed = revised({ ...before, ...changes }, now);
    const condition = item ? equals({ revision: item.revision }) : NOT_EXISTS;
    if (!closing) {
      const written = await writeRecording(
        customer,
        { writes: [put(RenewalEntity, changed, condition)], is_customer: undefined },
        now,
      );
      return written ? answer(freshRow(row, customer, ledger, changed)) : RETRY;
    }
    const recorded = inOutcome(() =>
      recordingOfNew(
        { customer, ledger },
        [outcomeOf(closing, renewal, customer, end ?? {}, changed.amount)],
        settingsOf("outcomes", settings),
        now,
      ),
    );
    const closed: StoredRenewal = { ...changed, outcome_id: recorded.outcomes[0]?.id };
    const moved = end?.contract_end_date !== undefined && { contract_end_date: end.contract_end_date };
    const recording = { ...recorded, writes: [...recorded.writes, put(RenewalEntity, closed, condition)] };
    if (!(await writeRecording(customer, recording, now, moved || {}))) return RETRY;
    return answer(freshRow(row, { ...customer, ...moved }, recorded.ledger, closed));
  });
