/**
 * When a customer's last interaction was: one item per customer, written in the transaction of the interaction. It
 * holds the newest date that has passed and up to 20 future ones (`retainedDates`).
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
  if (retained.join() === (before?.dates ?? []).join()) return undefined;
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

/** The dates of a customer's interactions, and the checks that have to hold for them to be true. */
export interface InteractionDates {
  readonly dates: readonly string[];
  readonly checks: readonly Write[];
}

/** The dates without those of an interaction that is deleted or moved, down to the newest that has passed. */
export async function previousExcept(
  interaction: StoredInteraction,
  last: LastInteraction | undefined,
  now: Date,
): Promise<InteractionDates> {
  const known = last?.dates ?? [];
  if (!known.includes(interaction.interaction_date)) return { dates: known, checks: [] };
  const remaining = known.filter((date) => date !== interaction.interaction_date);
  const others = await previousInteractions(interaction, now);
  const byDate = new Map(others.map((other) => [other.interaction_date, other]));
  const dates = retainedDates([...remaining, ...byDate.keys()], now);
  const checks = dates.flatMap((date) => {
    const other = remaining.includes(date) ? undefined : byDate.get(date);
    return other ? [unmoved(other)] : [];
  });
  return { dates, checks };
}

type Other = Pick<StoredInteraction, "id" | "interaction_date">;

/** Entries of a customer's timeline per request: the newest interaction that has passed is among the first. */
const PAGE_SIZE = 25;

/** Other interactions of the customer, newest first. The index may lag behind by a moment. */
async function previousInteractions({ id, customer_id }: StoredInteraction, now: Date): Promise<Other[]> {
  const found: Other[] = [];
  const pages = query<Other>(
    {
      partition: partitions.customer(customer_id),
      order: "desc",
      filter: [...equals({ [ENTITY_NAME]: "interaction" }), ["#id <> :id", { ":id": id }]],
      fields: ["id", "interaction_date"],
    },
    { pageSize: PAGE_SIZE },
  );
  for await (const { items } of pages) {
    found.push(...items);
    if (found.some(({ interaction_date }) => interaction_date <= now.toISOString())) break;
  }
  return found;
}

/** Checks that an interaction still exists, at the same time. */
const unmoved = ({ id, interaction_date }: Other): Write =>
  conditionCheck(getRequest(InteractionEntity, id), equals({ interaction_date }));
