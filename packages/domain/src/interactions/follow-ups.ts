import type { FollowUp, FollowUpFilter } from "@success-manager/contract/interactions";
import { dateOf, daysBetween } from "../calendar.ts";
import { countersBetween, dayOf, sumCounters } from "../counters/index.ts";
import { type CustomerRow, type Directory, getDirectory } from "../directory/index.ts";
import { type IndexRange, readPage } from "../lists/index.ts";
import { MAX_KEY, MIN_KEY, NO_DUE_DATE, parseDateCursor, partitions } from "../table/index.ts";
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

/** Open follow-ups, soonest first; those without a date last, or not at all when `include_overdue` is false. */
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
  const followups = rows.map((row) => toFollowUp(row, directory.customers.get(row.customer_id), today));
  return { followups, ...page };
}
