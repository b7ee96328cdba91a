import type { FollowUp, FollowUpFilter } from "@success-manager/contract/interactions";
import { dateOf, daysBetween } from "../calendar.ts";
import { countersBetween, dayOf, sumCounters } from "../counters/index.ts";
import { type CustomerRow, type Directory, getDirectory } from "../directory/index.ts";
import { type IndexRange, readPage } from "../lists/index.ts";
import {
  CustomerEntity,
  chunkByWrites,
  commitIndependent,
  commitOne,
  conditionCheck,
  ENTITY_NAME,
  equals,
  find,
  getRequest,
  InteractionEntity,
  MAX_KEY,
  MIN_KEY,
  NO_DUE_DATE,
  parseDateCursor,
  partitions,
  putItem,
  queryAll,
  RETRY,
  type StoredCustomer,
  type StoredInteraction,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";
import { FIELDS, type InteractionProjection } from "./list.ts";

/** Sorts behind every date that a person can give, and before `NO_DUE_DATE`. */
const LAST_DATE = "9999";

/** The counter of open follow-ups; `undated` ones count there as well. */
const OPEN = "open";

async function countOpen(include_overdue: boolean, today: string, directory: Promise<Directory>) {
  if (include_overdue) return (await directory).totals("follow_up")[OPEN] ?? 0;
  const days = await countersBetween("follow_up", dayOf(today), dayOf(NO_DUE_DATE));
  return [...days.values()].reduce(
    (total, counters) => total + sumCounters(counters, (name) => name === OPEN),
    0,
  );
}

function toFollowUp(row: InteractionProjection, customer: CustomerRow | undefined, today: string): FollowUp {
  const { follow_up_date } = row;
  const days = follow_up_date === undefined ? null : daysBetween(today, follow_up_date);
  return {
    interaction_id: row.id,
    customer_id: row.customer_id,
    customer_name: customer?.customer.company_name ?? null,
    account_manager: customer?.account_manager_name || null,
    interaction_type: row.interaction_type,
    subject: row.subject,
    performed_by: row.performed_by,
    performed_by_name: row.performed_by_name ?? row.performed_by,
    interaction_date: row.interaction_date,
    follow_up_date: follow_up_date ?? null,
    is_overdue: days !== null && days < 0,
    days_until_due: days,
  };
}

/**
 * Open follow-ups with customers who have not left, soonest first; those without a date last, or not at all when
 * `include_overdue` is false.
 */
export async function pendingFollowUps(query: FollowUpFilter) {
  const today = dateOf(new Date());
  const { include_overdue } = query;
  const loading = getDirectory();
  const [directory, total] = await Promise.all([loading, countOpen(include_overdue, today, loading)]);
  const range: IndexRange<InteractionProjection> = {
    partition: partitions.dueDate("follow_up"),
    from: include_overdue ? MIN_KEY : today,
    to: include_overdue ? MAX_KEY : LAST_DATE,
    order: "asc",
    filter: [],
    fields: FIELDS,
  };
  const { rows, ...page } = await readPage(
    range,
    { total, entries: total },
    query,
    ({ follow_up_date = NO_DUE_DATE }) => follow_up_date,
    parseDateCursor,
  );
  // The index tells a moment later that somebody has left.
  const open = rows.filter(
    ({ customer_id }) => directory.customers.get(customer_id)?.customer.status !== "churned",
  );
  const followups = open.map((row) => toFollowUp(row, directory.customers.get(row.customer_id), today));
  return { followups, ...page, total: page.total - (rows.length - open.length) };
}

/** An interaction whose follow-up waits while its customer has left. */
export function withPause(interaction: StoredInteraction, customer: StoredCustomer): StoredInteraction {
  const { follow_up_paused: _, ...rest } = interaction;
  const paused = interaction.follow_up_required && customer.status === "churned";
  return paused ? { ...rest, follow_up_paused: true } : rest;
}

/**
 * Checks that a customer neither leaves nor returns while a follow-up is written. Nothing to check without one, nor when
 * it was open, or paused, before: then `pauseFollowUps` finds it, and one of the two writes loses.
 */
export const pauseGuard = (
  interaction: StoredInteraction,
  { id, status }: StoredCustomer,
  before?: StoredInteraction,
): Write[] =>
  interaction.follow_up_required &&
  !(before?.follow_up_required && before.follow_up_paused === interaction.follow_up_paused)
    ? [
        conditionCheck(
          getRequest(CustomerEntity, id),
          status === "churned" ? equals({ status }) : [["#status <> :churned", { ":churned": "churned" }]],
        ),
      ]
    : [];

const pauseWrite = (before: StoredInteraction, customer: StoredCustomer): Write =>
  putItem(
    InteractionEntity.put(withPause({ ...before, revision: before.revision + 1 }, customer)).where(
      ({ revision }, { eq }) => eq(revision, before.revision),
    ),
  );

/**
 * Lets the open follow-ups of a customer who has left wait, and those of one who is back be open again. Doing it again
 * changes nothing. Reads what happened with the customer.
 *
 * @param customer as they are now
 */
export async function pauseFollowUps(customer: StoredCustomer): Promise<void> {
  const leaves = customer.status === "churned";
  const pending = await queryAll<StoredInteraction>({
    partition: partitions.customer(customer.id),
    order: "asc",
    filter: [
      ...equals({ [ENTITY_NAME]: "interaction", follow_up_required: true }),
      [leaves ? "attribute_not_exists(#follow_up_paused)" : "attribute_exists(#follow_up_paused)", {}],
    ],
  });
  for (const chunk of chunkByWrites(pending, () => 1)) {
    const overtaken = await commitIndependent(chunk, (before) => [pauseWrite(before, customer)]);
    // Changed meanwhile, or read from an index that lags: decided again on what is stored.
    for (const { id } of overtaken)
      await withOptimisticRetry(async () => {
        const before = await find(getRequest(InteractionEntity, id));
        if (!before?.follow_up_required || (before.follow_up_paused ?? false) === leaves) return;
        return (await commitOne(pauseWrite(before, customer))) ? undefined : RETRY;
      });
  }
}
