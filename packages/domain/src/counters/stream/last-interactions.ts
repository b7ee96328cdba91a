import {
  batchGet,
  ENTITY_NAME,
  getRequest,
  LastInteractionEntity,
  MAX_TRANSACTION_ITEMS,
  retainedDates,
  type Write,
} from "../../table/index.ts";
import type { Item } from "../contributions.ts";
import {
  type Dated,
  datesUpdate,
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

/** Customers whose dates are remembered. */
const REMEMBERED = 10_000;

/**
 * The dates of customers as this function wrote or read them last; undefined where nothing is stored. Functions for
 * other shards of the stream write them too, so every write is on the condition that they still stand.
 */
const stored = new Map<string, readonly string[] | undefined>();

function remember(customer_id: string, dates: readonly string[] | undefined): void {
  // The newest come last.
  stored.delete(customer_id);
  stored.set(customer_id, dates);
  const [oldest] = stored.keys();
  if (stored.size > REMEMBERED && oldest !== undefined) stored.delete(oldest);
}

/**
 * Whether what is stored has to be known: not for interactions that have passed, which mostly are newer than those
 * before.
 */
function needsStored({ customer_id, gone, come }: CustomerMoves, now: Date): boolean {
  const [newest = ""] = stored.get(customer_id) ?? [];
  const passes = (date: string) => date > newest && date <= now.toISOString();
  return gone.size > 0 || !come.every(({ interaction_date }) => passes(interaction_date));
}

/** Reads the dates of customers that are not remembered. */
async function readUnknown(customer_ids: readonly string[]): Promise<void> {
  const unknown = customer_ids.filter((id) => !stored.has(id));
  for (let n = 0; n < unknown.length; n += MAX_TRANSACTION_ITEMS) {
    const some = unknown.slice(n, n + MAX_TRANSACTION_ITEMS);
    const rows = await batchGet(...some.map((id) => getRequest(LastInteractionEntity, id)));
    for (const [index, id] of some.entries()) remember(id, rows[index]?.dates);
  }
}

/** That a date is newer than all that are stored, of which none lies ahead. */
const ADVANCES =
  "attribute_not_exists(pk) OR (size(#dates) < :two AND (attribute_not_exists(#dates[0]) OR #dates[0] < :date))";

/** The most that moves of a customer write and check: the dates, and each interaction that takes the place of another. */
export const MAX_CHECKS = 21;

/** What moves of a customer write and check, and what to do when that is done, or when a condition failed. */
export interface DatesWrite {
  readonly writes: readonly Write[];
  readonly done: () => void;
  readonly outdated: () => void;
}

/**
 * What moves of customers write, for the transaction that marks them as counted. A newest date is stored without a look
 * at what is stored. For anything else that has to be known, and what takes the place of an interaction that has gone is
 * read from the customer's timeline; the write fails when either changes meanwhile.
 *
 * @param outdated customers whose dates some other write has changed
 */
export async function lastInteractionWrites(
  moves: readonly CustomerMoves[],
  outdated: ReadonlySet<string>,
  now: Date,
): Promise<DatesWrite[]> {
  const isLooked = (one: CustomerMoves) => needsStored(one, now) || outdated.has(one.customer_id);
  await readUnknown(moves.filter(isLooked).map(({ customer_id }) => customer_id));
  return Promise.all(
    moves.map(async (one) => {
      const { customer_id } = one;
      const { writes, dates } = isLooked(one) ? await decided(one, now) : advanced(one, now);
      return {
        writes,
        done: () => dates && remember(customer_id, dates),
        outdated: () => stored.delete(customer_id),
      };
    }),
  );
}

/** Stores a newest date without knowing what is stored. */
function advanced({ customer_id, come }: CustomerMoves, now: Date) {
  const date = come
    .map(({ interaction_date }) => interaction_date)
    .sort()
    .at(-1);
  if (date === undefined) return { writes: [], dates: undefined };
  const condition = { expression: ADVANCES, names: {}, values: { ":date": date, ":two": 2 } };
  return { writes: [datesUpdate(customer_id, [date], condition, now)], dates: [date] };
}

/** Stores what follows from what is stored. */
async function decided({ customer_id, interactions, gone, come }: CustomerMoves, now: Date) {
  const before = stored.get(customer_id);
  const dates = come.map(({ interaction_date }) => interaction_date);
  const remaining = (before ?? []).filter((date) => !gone.has(date));
  const hasGone = remaining.length < (before ?? []).length;
  const others = hasGone ? await newestInteractions(customer_id, interactions, now) : [];
  const byDate = new Map(others.map((other) => [other.interaction_date, other]));
  const retained = retainedDates([...remaining, ...dates, ...byDate.keys()], now);
  const checks = retained.flatMap((date) => {
    const other = remaining.includes(date) || dates.includes(date) ? undefined : byDate.get(date);
    return other ? [unmoved(other)] : [];
  });
  const write = lastInteractionWrite(customer_id, retained, before, now);
  return {
    writes: [write ?? lastInteractionGuard(customer_id, before), ...checks],
    dates: write ? retained : before,
  };
}
