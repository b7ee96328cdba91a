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
  query,
  type StoredInteraction,
  type Write,
} from "../table/index.ts";
import { retainedDates } from "./last-contact.ts";

/** When a customer was or will be in contact, as far as it is kept, and what has to hold for that to be true. */
export interface Contacts {
  readonly dates: readonly string[];
  readonly checks: readonly Write[];
}

type Other = Pick<StoredInteraction, "id" | "interaction_date">;

/** Entries of a customer's history per request: the newest contact that has passed is among the first. */
const AT_ONCE = 25;

/** The other contacts of a customer, down to the newest that has passed. The index may lag behind by a moment. */
async function others({ id, customer_id }: StoredInteraction, now: Date): Promise<Other[]> {
  const found: Other[] = [];
  const pages = query<Other>(
    {
      partition: partitions.customer(customer_id),
      order: "desc",
      filter: [...equals({ [ENTITY_NAME]: "interaction" }), ["#id <> :id", { ":id": id }]],
      fields: ["id", "interaction_date"],
    },
    { pageSize: AT_ONCE },
  );
  for await (const { items } of pages) {
    found.push(...items);
    if (found.some(({ interaction_date }) => interaction_date <= now.toISOString())) break;
  }
  return found;
}

/** That a contact is still there, and still at that time. */
const stillThere = ({ id, interaction_date }: Other): Write =>
  conditionCheck(getRequest(InteractionEntity, id), equals({ interaction_date }));

/** The contacts of a customer when one of them is gone, or no longer at its time. */
export async function without(
  interaction: StoredInteraction,
  contact: LastInteraction | undefined,
  now: Date,
): Promise<Contacts> {
  const known = contact?.dates ?? [];
  if (!known.includes(interaction.interaction_date)) return { dates: known, checks: [] };
  const left = known.filter((date) => date !== interaction.interaction_date);
  const found = new Map((await others(interaction, now)).map((other) => [other.interaction_date, other]));
  const dates = retainedDates([...left, ...found.keys()], now);
  const checks = dates.flatMap((date) => {
    const other = left.includes(date) ? undefined : found.get(date);
    return other ? [stillThere(other)] : [];
  });
  return { dates, checks };
}

/** That nobody changed the last contact since it was read: for contacts that leave it as it is. */
export const contactUnchanged = (customer_id: string, contact: LastInteraction | undefined): Write =>
  conditionCheck(
    getRequest(LastInteractionEntity, customer_id),
    contact ? equals({ revision: contact.revision }) : NOT_EXISTS,
  );
