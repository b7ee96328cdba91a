/**
 * What DynamoDB counts, by its own rules ("DynamoDB read and write operations" and "Global secondary indexes", Developer
 * Guide). The local database counts by the same; `test/http/cost-units.test.ts` compares the two.
 */

/** An attribute's value in DynamoDB's own shape: `{ "S": "text" }`. */
export interface Value {
  readonly S?: string;
  readonly N?: string;
  readonly BOOL?: boolean;
  readonly NULL?: boolean;
  readonly B?: Uint8Array;
  readonly SS?: readonly string[];
  readonly NS?: readonly string[];
  readonly L?: readonly Value[];
  readonly M?: Item;
}
export type Item = Readonly<Record<string, Value>>;

const utf8 = (text: string) => Buffer.byteLength(text);

/** A byte for two digits, leading and trailing zeros aside, one more, and one for a minus. */
function numberBytes(number: string): number {
  const digits = number
    .replace(/[eE].*$/, "")
    .replace(/[-.]/g, "")
    .replace(/^0+/, "")
    .replace(/0+$/, "");
  return Math.ceil(digits.length / 2) + 1 + (number.startsWith("-") ? 1 : 0);
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
/** Of a list or a map itself, and of each of its elements. */
const CONTAINER = 3;
const ELEMENT = 1;

function valueBytes({ S, N, B, SS, NS, L, M }: Value): number {
  if (S !== undefined) return utf8(S);
  if (N !== undefined) return numberBytes(N);
  if (B !== undefined) return B.length;
  if (SS !== undefined) return sum(SS.map(utf8));
  if (NS !== undefined) return sum(NS.map(numberBytes));
  if (L !== undefined) return CONTAINER + sum(L.map((value) => ELEMENT + valueBytes(value)));
  if (M !== undefined) return CONTAINER + sum(Object.keys(M).map(() => ELEMENT)) + itemBytes(M);
  return 1;
}

/** Bytes of an item: names and values ("DynamoDB item sizes and formats", Developer Guide). */
export const itemBytes = (item: Item): number =>
  sum(Object.entries(item).map(([name, value]) => utf8(name) + valueBytes(value)));

const KB = 1024;
const READ_BYTES = 4 * KB;

/** Units for reading so many bytes: each 4 KB that are begun, half of that eventually consistent, twice in a transaction. */
export function readUnits(bytes: number, how: "strong" | "eventual" | "transaction" = "strong"): number {
  const blocks = Math.max(1, Math.ceil(bytes / READ_BYTES));
  return blocks * { strong: 1, eventual: 0.5, transaction: 2 }[how];
}

const kilobytes = (item: Item | undefined) => (item ? Math.max(1, Math.ceil(itemBytes(item) / KB)) : 0);

/** An index, by the names of its keys; it holds whole items, as all of ours do. */
export interface IndexKeys {
  readonly partition: string;
  readonly sort: string;
}

/** What an index has to do: nothing for what it does not hold or what did not change, else a write, two for a new key. */
function indexUnits(
  before: Item | undefined,
  after: Item | undefined,
  { partition, sort }: IndexKeys,
): number {
  const held = (item: Item | undefined) => (item?.[partition] && item[sort] ? item : undefined);
  const [old, now] = [held(before), held(after)];
  const key = (item: Item) => JSON.stringify([item[partition], item[sort]]);
  if (old && now && key(old) === key(now))
    return isSame(old, now) ? 0 : Math.max(kilobytes(old), kilobytes(now));
  return kilobytes(old) + kilobytes(now);
}

const isSame = (one: Item, other: Item) => {
  const sorted = (item: Item) => JSON.stringify(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(one) === sorted(other);
};

/**
 * Units of writing an item: each KB that is begun, of what it was or is, whichever is larger, twice in a transaction.
 * What indexes do comes on top, and never twice: they follow when the transaction is done.
 */
export function writeUnits(
  before: Item | undefined,
  after: Item | undefined,
  {
    indexes = [],
    transaction = false,
  }: { readonly indexes?: readonly IndexKeys[]; readonly transaction?: boolean },
): number {
  const table = Math.max(1, kilobytes(before), kilobytes(after));
  return table * (transaction ? 2 : 1) + sum(indexes.map((index) => indexUnits(before, after, index)));
}
