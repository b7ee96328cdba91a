import {
  batchGet,
  directoryKey,
  ENTITY_NAME,
  getRequest,
  type LastInteraction,
  LastInteractionEntity,
  MAX_TRANSACTION_ITEMS,
  primaryKey,
  retainedDates,
  tableName,
  type Write,
} from "../../table/index.ts";
import type { Item } from "../contributions.ts";
import {
  type Dated,
  lastInteractionGuard,
  lastInteractionWrite,
  newestInteractions,
  unmoved,
} from "../last-interaction.ts";
import type { Change } from "./apply.ts";

/** What interactions that come, move and go do to the dates of their customers' last interactions. */

/** An interaction that took place at another time than before. */
export interface DateMove {
  readonly customer_id: string;
  readonly interaction_id: string;
  /** ISO instants; undefined before it was logged, and after it was deleted. */
  readonly from: string | undefined;
  readonly to: string | undefined;
}

const dateIn = (item: Item | undefined) =>
  item?.[ENTITY_NAME] === "interaction" ? String(item.interaction_date) : undefined;

/** How a change moves an interaction; undefined when it does not. */
export function dateMoveOf({ before, after }: Pick<Change, "before" | "after">): DateMove | undefined {
  const [from, to] = [dateIn(before), dateIn(after)];
  const { customer_id, id } = after ?? before ?? {};
  return from === to ? undefined : { customer_id: String(customer_id), interaction_id: String(id), from, to };
}

/** What a batch moves of a customer, each interaction once. */
interface CustomerMoves {
  readonly customer_id: string;
  readonly interactions: ReadonlySet<string>;
  readonly gone: ReadonlySet<string>;
  readonly come: readonly Dated[];
}

/** The same by customer: of an interaction that moves more than once, from where it was to where it is then. */
export function movesByCustomer(moves: readonly DateMove[]): CustomerMoves[] {
  const all = Map.groupBy(moves, ({ customer_id }) => customer_id);
  return Array.from(all, ([customer_id, ofCustomer]) => {
    const net = Array.from(
      Map.groupBy(ofCustomer, ({ interaction_id }) => interaction_id),
      ([id, some]) => ({ id, from: some[0]?.from, to: some.at(-1)?.to }),
    );
    return {
      customer_id,
      interactions: new Set(net.map(({ id }) => id)),
      gone: new Set(net.flatMap(({ from, to }) => (from === undefined || from === to ? [] : [from]))),
      come: net.flatMap(({ id, to }) => (to === undefined ? [] : [{ id, interaction_date: to }])),
    };
  });
}

/** Dates that are stored, by customer, as far as they have been read. */
type Known = ReadonlyMap<string, LastInteraction | undefined>;

/** Reads what is stored of customers. */
export async function readLastInteractions(customer_ids: readonly string[]): Promise<Known> {
  const known = new Map<string, LastInteraction | undefined>();
  for (let n = 0; n < customer_ids.length; n += MAX_TRANSACTION_ITEMS) {
    const some = customer_ids.slice(n, n + MAX_TRANSACTION_ITEMS);
    const rows = await batchGet(...some.map((id) => getRequest(LastInteractionEntity, id)));
    for (const [index, id] of some.entries()) known.set(id, rows[index]);
  }
  return known;
}

/**
 * Whether what is stored has to be read first: not for interactions that have passed, which mostly are newer than those
 * before.
 */
export const needsStored = ({ gone, come }: CustomerMoves, now: Date) =>
  gone.size > 0 || come.some(({ interaction_date }) => interaction_date > now.toISOString());

/**
 * Stores a newest date without having read what is stored: on the condition that this is older, and that none lies
 * ahead.
 */
function advance(customer_id: string, date: string, now: Date): Write {
  const changed_at = now.toISOString();
  const attributes = Object.entries({
    dates: [date],
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
      ConditionExpression:
        "attribute_not_exists(pk) OR (size(#dates) < :two AND (attribute_not_exists(#dates[0]) OR #dates[0] < :date))",
      ExpressionAttributeNames: Object.fromEntries(attributes.map(([name]) => [`#${name}`, name])),
      ExpressionAttributeValues: {
        ...Object.fromEntries(attributes.map(([name, value]) => [`:${name}`, value])),
        ":date": date,
        ":one": 1,
        ":two": 2,
      },
    },
  };
}

/** The most that moves of a customer write and check: the dates, and each interaction that takes the place of another. */
export const MAX_CHECKS = 21;

/**
 * What moves of a customer write, for the transaction that marks them as counted. It fails when the stored dates, or an
 * interaction that takes the place of one that has gone, change meanwhile.
 */
export async function lastInteractionWrites(
  moves: CustomerMoves,
  known: Known,
  now: Date,
): Promise<readonly Write[]> {
  const { customer_id, interactions, gone, come } = moves;
  const dates = come.map(({ interaction_date }) => interaction_date);
  if (!known.has(customer_id)) {
    const newest = dates.toSorted().at(-1);
    return newest === undefined ? [] : [advance(customer_id, newest, now)];
  }
  const last = known.get(customer_id);
  const remaining = (last?.dates ?? []).filter((date) => !gone.has(date));
  const hasGone = remaining.length < (last?.dates.length ?? 0);
  const others = hasGone ? await newestInteractions(customer_id, interactions, now) : [];
  const byDate = new Map(others.map((other) => [other.interaction_date, other]));
  const retained = retainedDates([...remaining, ...dates, ...byDate.keys()], now);
  const checks = retained.flatMap((date) => {
    const other = remaining.includes(date) || dates.includes(date) ? undefined : byDate.get(date);
    return other ? [unmoved(other)] : [];
  });
  return [
    lastInteractionWrite(customer_id, retained, last, now) ?? lastInteractionGuard(customer_id, last),
    ...checks,
  ];
}
