import { type LastInteraction, LastInteractionEntity, putItem, type Write } from "../table/index.ts";

/** How many contacts that lie ahead are kept in mind. */
const AHEAD = 20;

/** The newest contact that has passed; undefined when there was none. */
export const lastInteractionAt = (contact: Pick<LastInteraction, "dates"> | undefined, now: Date) =>
  contact?.dates.find((date) => date <= now.toISOString());

/** What is worth keeping of these dates: all that lie ahead, up to 20, and the newest that has passed. */
export function retainedDates(dates: readonly string[], now: Date): string[] {
  const instant = now.toISOString();
  const newestFirst = [...new Set(dates)].sort().reverse();
  const ahead = newestFirst.filter((date) => date > instant).slice(-AHEAD);
  return [...ahead, ...newestFirst.filter((date) => date <= instant).slice(0, 1)];
}

/**
 * The write that a changed set of contacts needs, for the caller's transaction: on the condition that nobody changed
 * it meanwhile. Undefined when it would write the same again.
 */
export function lastInteractionWrite(
  customer_id: string,
  dates: readonly string[],
  before: LastInteraction | undefined,
  now: Date,
): Write | undefined {
  const kept = retainedDates(dates, now);
  if (kept.join() === (before?.dates ?? []).join()) return undefined;
  return putItem(
    LastInteractionEntity.put({
      customer_id,
      dates: kept,
      changed_at: now.toISOString(),
      revision: (before?.revision ?? 0) + 1,
    }).where(({ revision }, { eq, notExists }) =>
      before ? eq(revision, before.revision) : notExists(revision),
    ),
  );
}
