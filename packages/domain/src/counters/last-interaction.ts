/**
 * When a customer's last interaction was: one item per customer, which follows from the stream. It holds the newest date
 * that has passed and up to 20 future ones (`retainedDates`).
 */
import {
  conditionCheck,
  ENTITY_NAME,
  equals,
  getRequest,
  InteractionEntity,
  type LastInteraction,
  LastInteractionEntity,
  NOT_EXISTS,
  partitions,
  putItem,
  query,
  retainedDates,
  type StoredInteraction,
  type Write,
} from "../table/index.ts";

/** Whether dates are those that are stored. */
export const isStored = (dates: readonly string[], { dates: stored }: Pick<LastInteraction, "dates">) =>
  dates.join() === stored.join();

/**
 * Stores changed dates of a customer, on the condition that nobody changed them meanwhile. Undefined when it would
 * write the same again.
 *
 * @param dates of all interactions that are known, in any order
 */
export function lastInteractionWrite(
  customer_id: string,
  dates: readonly string[],
  before: LastInteraction | undefined,
  now: Date,
): Write | undefined {
  const retained = retainedDates(dates, now);
  if (isStored(retained, before ?? { dates: [] })) return undefined;
  return putItem(
    LastInteractionEntity.put({
      customer_id,
      dates: retained,
      changed_at: now.toISOString(),
      revision: (before?.revision ?? 0) + 1,
    }).where(({ revision }, { eq, notExists }) =>
      before ? eq(revision, before.revision) : notExists(revision),
    ),
  );
}

/** Checks that nobody changed the dates since they were read: for a change that leaves them as they are. */
export const lastInteractionGuard = (customer_id: string, last: LastInteraction | undefined): Write =>
  conditionCheck(
    getRequest(LastInteractionEntity, customer_id),
    last ? equals({ revision: last.revision }) : NOT_EXISTS,
  );

/** An interaction, as far as it is of use here. */
export type Dated = Pick<StoredInteraction, "id" | "interaction_date">;

/** Entries of a customer's timeline per request: the newest interaction that has passed is among the first. */
const PAGE_SIZE = 25;

/**
 * A customer's interactions, newest first, down to the newest that has passed; one request, mostly. The index may lag
 * behind by a moment.
 *
 * @param except ids of those that are left out
 */
export async function newestInteractions(
  customer_id: string,
  except: ReadonlySet<string>,
  now: Date,
): Promise<Dated[]> {
  const found: Dated[] = [];
  const pages = query<Dated>(
    {
      partition: partitions.customer(customer_id),
      order: "desc",
      filter: equals({ [ENTITY_NAME]: "interaction" }),
      fields: ["id", "interaction_date"],
    },
    { pageSize: PAGE_SIZE },
  );
  for await (const { items } of pages) {
    found.push(...items.filter(({ id }) => !except.has(id)));
    if (found.some(({ interaction_date }) => interaction_date <= now.toISOString())) break;
  }
  return found;
}

/** Checks that an interaction still exists, at the same time. */
export const unmoved = ({ id, interaction_date }: Dated): Write =>
  conditionCheck(getRequest(InteractionEntity, id), equals({ interaction_date }));
