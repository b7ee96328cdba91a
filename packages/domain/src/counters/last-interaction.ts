/**
 * When a customer's last interaction was: one item per customer, which follows from the stream. It holds the newest date
 * that has passed and up to 20 future ones (`retainedDates`).
 */
import {
  conditionCheck,
  directoryKey,
  ENTITY_NAME,
  equals,
  expressionOf,
  type Filter,
  getRequest,
  InteractionEntity,
  LastInteractionEntity,
  NOT_EXISTS,
  partitions,
  primaryKey,
  query,
  retainedDates,
  type StoredInteraction,
  tableName,
  type Write,
} from "../table/index.ts";

/** A condition of a write, as DynamoDB is told. */
interface Condition {
  readonly expression: string;
  readonly names: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, unknown>>;
}

/** Stores dates of a customer, on a condition. The revision grows, whichever it was. */
export function datesUpdate(
  customer_id: string,
  dates: readonly string[],
  { expression, names, values }: Condition,
  now: Date,
): Write {
  const changed_at = now.toISOString();
  const attributes = Object.entries({
    dates,
    customer_id,
    changed_at,
    ...directoryKey(changed_at, customer_id),
    [ENTITY_NAME]: "last_contact",
    __edb_v__: "1",
  });
  return {
    Update: {
      TableName: tableName,
      Key: primaryKey("last_contact", customer_id),
      UpdateExpression: `SET ${attributes.map(([name]) => `#${name} = :${name}`).join(", ")} ADD revision :one`,
      ConditionExpression: expression,
      ExpressionAttributeNames: {
        ...Object.fromEntries(attributes.map(([name]) => [`#${name}`, name])),
        ...names,
      },
      ExpressionAttributeValues: {
        ...Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value])),
        ...values,
        ":one": 1,
      },
    },
  };
}

/** That the dates are those that were read; undefined when nothing was stored. */
const stand = (before: readonly string[] | undefined): Filter =>
  before ? [["#dates = :before", { ":before": before }]] : NOT_EXISTS;

/**
 * Stores changed dates of a customer, on the condition that nobody changed them meanwhile. Undefined when it would
 * write the same again.
 *
 * @param dates of all interactions that are known, in any order
 * @param before the dates that are stored; undefined when there are none
 */
export function lastInteractionWrite(
  customer_id: string,
  dates: readonly string[],
  before: readonly string[] | undefined,
  now: Date,
): Write | undefined {
  const retained = retainedDates(dates, now);
  if (retained.join() === (before ?? []).join()) return undefined;
  return datesUpdate(customer_id, retained, expressionOf(stand(before)), now);
}

/** Checks that nobody changed the dates since they were read: for a change that leaves them as they are. */
export const lastInteractionGuard = (customer_id: string, before: readonly string[] | undefined): Write =>
  conditionCheck(getRequest(LastInteractionEntity, customer_id), stand(before));

/** An interaction, as far as it is of use here. */
export type Dated = Pick<StoredInteraction, "id" | "interaction_date">;

/** Entries of a customer's timeline per request: the newest interaction that has passed is mostly among the first. */
const PAGE_SIZE = 10;

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
