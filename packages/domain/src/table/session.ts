/**
 * Session consistency: who has written something finds it in the next list, though indexes show it some time later.
 * The answer to a write carries a mark that names the items which were written. A request that brings the mark reads
 * these items by key, strongly consistent, and puts them into what an index answers, where they belong there.
 */
import { KEY_ATTRIBUTES, type Partition } from "./keys.ts";

export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}
type Item = Readonly<Record<string, unknown>>;

/** What stands in some index: its key begins with one of these words. Nothing that only its owner may see. */
const LISTED = new Set([
  "alert",
  "conditions",
  "customer",
  "deployment",
  "interaction",
  "last_contact",
  "latest_score",
  "outcome_ledger",
  "renewal",
  "report",
  "report_schedule",
  "survey",
  "survey_link",
  "teammate",
  "ticket",
  "user",
]);
const isListed = ({ pk }: ItemKey) => LISTED.has(pk.split("#", 1)[0] ?? "");

/** How many items a mark names, and a request takes: one batch reads 100. Of a larger batch those written last. */
export const MOST_MARKED = 60;

/** What a function's current request has written: a function has one at a time. */
const written = new Map<string, ItemKey>();
let marked: readonly ItemKey[] = [];
let read: Promise<ReadonlyMap<string, Item>> | undefined;

const nameOf = ({ pk, sk }: ItemKey) => `${pk}|${sk}`;

/** Notes that this request has written an item. */
export function noteWritten(key: ItemKey): void {
  if (!isListed(key)) return;
  // Again at the end: the last ones count.
  written.delete(nameOf(key));
  written.set(nameOf(key), { pk: key.pk, sk: key.sk });
  const [oldest] = written.keys();
  if (written.size > MOST_MARKED && oldest !== undefined) written.delete(oldest);
}

/** The mark of what was written since `beginSession`; undefined when that is in no list. */
export function sessionMark(): string | undefined {
  if (written.size === 0) return undefined;
  return Buffer.from(JSON.stringify([...written.values()].map(({ pk, sk }) => [pk, sk]))).toString(
    "base64url",
  );
}

const isKey = (value: unknown): value is [string, string] =>
  Array.isArray(value) &&
  value.length === 2 &&
  value.every((part) => typeof part === "string" && part.length > 0 && part.length <= 200);

/** What marks name, as far as they are any: they come from outside. */
function keysIn(marks: string): ItemKey[] {
  const keys = marks.split(",").flatMap((mark): ItemKey[] => {
    try {
      const parsed: unknown = JSON.parse(Buffer.from(mark.trim(), "base64url").toString());
      return Array.isArray(parsed) ? parsed.filter(isKey).map(([pk, sk]) => ({ pk, sk })) : [];
    } catch {
      return [];
    }
  });
  const distinct = new Map(keys.filter(isListed).map((key) => [nameOf(key), key]));
  return [...distinct.values()].slice(-MOST_MARKED);
}

/**
 * Begins a request: forgets the last one's, and takes marks that earlier answers gave, separated by commas. What is no
 * mark says nothing. Answers the keys that they name.
 */
export function beginSession(marks = ""): readonly ItemKey[] {
  written.clear();
  read = undefined;
  marked = marks === "" ? [] : keysIn(marks);
  return marked;
}

/** Whether something is to be looked for that an index may not show yet. */
export const hasMarks = (): boolean => marked.length > 0;

/**
 * Puts what was written into a page of an index, or takes it out, as it stands now.
 *
 * @param page its items, whole, and the sort keys that it covers: between two, both included, but for the one after
 * which it begins
 * @param passes whether an item meets the query's filter
 * @param load reads items by key, strongly consistent
 */
export async function withWritten<Row extends Item>(
  page: Promise<{
    readonly items: readonly Row[];
    readonly from: string;
    readonly to: string;
    readonly after: string | undefined;
  }>,
  { index, key }: Partition,
  order: "asc" | "desc",
  passes: (item: Item) => boolean,
  load: (keys: readonly ItemKey[]) => Promise<readonly (Item | undefined)[]>,
): Promise<Row[]> {
  read ??= load(marked).then(
    (items) => new Map(marked.flatMap((one, n) => [[nameOf(one), items[n] ?? {}] as const])),
  );
  const [{ items, from, to, after }, own] = await Promise.all([page, read]);
  const { pk, sk } = KEY_ATTRIBUTES[index];
  const sortKey = (item: Item) => String(item[sk]);
  const belongs = (item: Item) =>
    item[pk] === key &&
    sortKey(item) >= from &&
    sortKey(item) <= to &&
    sortKey(item) !== after &&
    passes(item);
  const others = items.filter((item) => !own.has(`${item.pk}|${item.sk}`));
  const added = [...own.values()].filter(belongs);
  if (added.length === 0) return others;
  const direction = order === "asc" ? 1 : -1;
  return [...others, ...(added as Row[])].sort((a, b) => (sortKey(a) < sortKey(b) ? -direction : direction));
}
