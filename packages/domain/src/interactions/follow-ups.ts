import type { FollowUp, FollowUpFilter } from "@success-manager/contract/interactions";
import { dateOf, daysBetween } from "../calendar.ts";
import { countersBetween, dayOf, sumCounters } from "../counters/index.ts";
import { type CustomerRow, type Directory, getDirectory } from "../directory/index.ts";
import { byField, type IndexRange, readCopyPage, readPage, type SortColumn } from "../lists/index.ts";
import {
  batchGet,
  CustomerEntity,
  commit,
  compares,
  conditionCheck,
  ENTITY_NAME,
  equals,
  exists,
  find,
  getRequest,
  InteractionEntity,
  isScoped,
  MAX_KEY,
  MAX_TRANSACTION_ITEMS,
  MIN_KEY,
  missing,
  NO_DUE_DATE,
  parseDateCursor,
  partitions,
  put,
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
  if (include_overdue) return (await (await directory).totals("follow_up"))[OPEN] ?? 0;
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
  if (isScoped()) return pendingInScope(query, today);
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

/** Soonest first, those without a date last. */
const BY_DUE_DATE: SortColumn<unknown> = byField("follow_up_date");

/** The same for who sees some customers: from the copy of interactions, where the index by date holds everybody's. */
async function pendingInScope(query: FollowUpFilter, today: string) {
  const { customers } = await getDirectory();
  const filter = [
    ...equals({ follow_up_required: true }),
    missing("follow_up_paused"),
    !query.include_overdue && compares("follow_up_date", ">=", today),
  ];
  const { rows, ...page } = await readCopyPage<InteractionProjection, undefined>("interaction", {
    filter,
    order: "asc",
    column: BY_DUE_DATE,
    context: undefined,
    paging: query,
  });
  return { followups: rows.map((row) => toFollowUp(row, customers.get(row.customer_id), today)), ...page };
}

/** Whose follow-ups they are, as far as it matters here. */
type Leaver = Pick<StoredCustomer, "id" | "status">;

const hasLeft = ({ status }: Leaver) => status === "churned";

/** An interaction whose follow-up waits while its customer has left. */
export function withPause(interaction: StoredInteraction, customer: Leaver): StoredInteraction {
  const { follow_up_paused: _, ...rest } = interaction;
  const paused = interaction.follow_up_required && hasLeft(customer);
  return paused ? { ...rest, follow_up_paused: true } : rest;
}

/** Checks that a customer neither leaves nor returns meanwhile. */
const statusCheck = (customer: Leaver): Write =>
  conditionCheck(
    getRequest(CustomerEntity, customer.id),
    hasLeft(customer) ? equals({ status: "churned" }) : [["#status <> :churned", { ":churned": "churned" }]],
  );

/**
 * Checks that a customer neither leaves nor returns while a follow-up is written. Nothing to check without one, nor when
 * it was open, or paused, before: then `pauseFollowUps` finds it, and one of the two writes loses.
 */
export const pauseGuard = (
  interaction: StoredInteraction,
  customer: StoredCustomer,
  before?: StoredInteraction,
): Write[] =>
  interaction.follow_up_required &&
  !(before?.follow_up_required && before.follow_up_paused === interaction.follow_up_paused)
    ? [statusCheck(customer)]
    : [];

const pauseWrite = (before: StoredInteraction, customer: Leaver): Write =>
  put(
    InteractionEntity,
    withPause({ ...before, revision: before.revision + 1 }, customer),
    equals({ revision: before.revision }),
  );

/** Whether an interaction's follow-up is what its customer's status makes of it. */
const isSettled = ({ follow_up_required, follow_up_paused = false }: StoredInteraction, customer: Leaver) =>
  !follow_up_required || follow_up_paused === hasLeft(customer);

/** How many follow-ups fit into a transaction beside the check of the status. */
const PAUSES_AT_ONCE = MAX_TRANSACTION_ITEMS - 1;

/**
 * Writes some follow-ups as the customer's status wants them, on the condition that it is still the same.
 *
 * @returns those that somebody else has changed meanwhile; `moved` when the customer has left or returned meanwhile
 */
async function writePauses(
  pending: readonly StoredInteraction[],
  customer: Leaver,
): Promise<readonly StoredInteraction[] | "moved"> {
  if (pending.length === 0) return [];
  const writes = pending.map((before) => pauseWrite(before, customer));
  const failed = new Set(await commit([...writes, statusCheck(customer)]));
  if (failed.has(writes.length)) return "moved";
  if (failed.size === 0) return [];
  const others = await writePauses(
    pending.filter((_, index) => !failed.has(index)),
    customer,
  );
  return others === "moved" ? others : [...pending.filter((_, index) => failed.has(index)), ...others];
}

/** As `writePauses`, for any number; whoever changes the status meanwhile sees to the follow-ups. */
async function settle(pending: readonly StoredInteraction[], customer: Leaver): Promise<void> {
  for (let from = 0; from < pending.length; from += PAUSES_AT_ONCE) {
    const overtaken = await writePauses(pending.slice(from, from + PAUSES_AT_ONCE), customer);
    if (overtaken === "moved") return;
    // Changed meanwhile, or read from an index that lags: decided again on what is stored.
    for (const { id } of overtaken)
      await withOptimisticRetry(async () => {
        const before = await find(getRequest(InteractionEntity, id));
        if (!before || isSettled(before, customer)) return;
        const again = await writePauses([before], customer);
        return again !== "moved" && again.length > 0 ? RETRY : undefined;
      });
  }
}

const FOLLOW_UPS = equals({ [ENTITY_NAME]: "interaction", follow_up_required: true });

/**
 * Lets the open follow-ups of a customer who has left wait, and those of one who is back be open again, so that whoever
 * changed the status finds it so. Doing it again changes nothing. Reads what happened with the customer. What a broken
 * request leaves undone, or an index tells late, `settleFollowUps` finds.
 *
 * @param customer as they are now
 */
export async function pauseFollowUps(customer: StoredCustomer): Promise<void> {
  const toWrite = hasLeft(customer) ? missing : exists;
  const pending = await queryAll<StoredInteraction>({
    partition: partitions.customer(customer.id),
    order: "asc",
    filter: [...FOLLOW_UPS, toWrite("follow_up_paused")],
  });
  await settle(pending, customer);
}

/** A record of the table's stream, as far as it is of use here. */
interface Change {
  readonly before: Readonly<Record<string, unknown>> | undefined;
  readonly after: Readonly<Record<string, unknown>> | undefined;
}

/** The customer who has left or returned by a change. */
function movedBy({ before, after }: Change): StoredCustomer | undefined {
  if (before?.[ENTITY_NAME] !== "customer" || !after) return undefined;
  if ((before.status === "churned") === (after.status === "churned")) return undefined;
  return CustomerEntity.parse({ Item: after }).data ?? undefined;
}

/**
 * Makes all follow-ups of customers who have left or returned, by changes of the table, what their status wants. Each
 * is read by its key, so the index need only tell which there are. Doing it again changes nothing.
 *
 * @returns the changes that are to come again, because the table could not be asked
 */
export async function settleFollowUps<C extends Change>(
  changes: readonly C[],
): Promise<{ readonly change: C; readonly error: unknown; readonly again: boolean }[]> {
  const failed: { change: C; error: unknown; again: boolean }[] = [];
  for (const change of changes) {
    const customer = movedBy(change);
    try {
      if (customer) await settleAll(customer);
    } catch (error) {
      failed.push({ change, error, again: true });
    }
  }
  return failed;
}

async function settleAll(customer: Leaver): Promise<void> {
  const found = await queryAll<Pick<StoredInteraction, "id">>({
    partition: partitions.customer(customer.id),
    filter: FOLLOW_UPS,
    fields: ["id"],
  });
  for (let from = 0; from < found.length; from += MAX_TRANSACTION_ITEMS) {
    const keys = found.slice(from, from + MAX_TRANSACTION_ITEMS);
    const stored = await batchGet(...keys.map(({ id }) => getRequest(InteractionEntity, id)));
    const pending = stored.flatMap((one) => (one && !isSettled(one, customer) ? [one] : []));
    await settle(pending, customer);
  }
}
