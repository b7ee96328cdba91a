import {
  commit,
  find,
  MAX_TRANSACTION_ITEMS,
  openShardsWhenBusy,
  RETRY,
  tableName,
  type Write,
  withOptimisticRetry,
} from "../../table/index.ts";
import {
  addTo,
  counterKey,
  directoryAttributes,
  type PeriodSums,
  PREFIX,
  type Sums,
  sumKey,
  withoutZeros,
} from "../counters.ts";
import type { RecordDelta } from "./apply.ts";
import { recentFeedbackWrites } from "./feedback.ts";
import { lastInteractionWrites, MAX_CHECKS, movesByCustomer } from "./last-interactions.ts";

/** An update expression has 4 KB; a counter takes up to 13 bytes of it. */
export const MAX_COUNTERS_PER_UPDATE = 200;

/** An expression has 300 operators and functions; a record takes three of them. */
const MAX_RECORDS_PER_MARKER = 90;

/**
 * How often a transaction is tried. Every shard of the stream counts in the same items of a day, one transaction at a
 * time. Of 64 shards that meet, 8 attempts gave up 19 to 32, and 40 none (test/faults/contention.test.ts). Counters in
 * several items would take less patience, and more units of each read.
 */
const ATTEMPTS = 40;

/** What a batch of records writes, as far as it limits the batch. */
interface Batch {
  readonly records: RecordDelta[];
  /** How many records each marker notes. */
  readonly markers: Map<string, number>;
  /** Names of counters by item. */
  readonly items: Map<string, Set<string>>;
  /** Customers whose last interaction may be another one. */
  readonly customers: Set<string>;
  /** Products whose newest feedback may be another one. */
  readonly products: Set<string>;
  /** Checks that the dates of customers may need. */
  checks: number;
}

/** Which marker notes a record: that of the second in which it was written. */
const markerOf = ({ event_id, written_at }: Pick<RecordDelta, "event_id" | "written_at">) =>
  written_at === undefined ? event_id : String(written_at);

const checksOf = ({ move }: RecordDelta) => (move?.from === undefined ? 0 : MAX_CHECKS);

/** Whether one record more fits into a transaction, which writes each item once. */
function fitsBatch(batch: Batch, record: RecordDelta, room: number): boolean {
  const { markers, items, customers, products, checks } = batch;
  const { delta, move, feedback } = record;
  const added = Map.groupBy(delta, sumKey);
  const noted = markers.get(markerOf(record)) ?? 0;
  const fresh =
    (noted === 0 ? 1 : 0) +
    [...added.keys()].filter((key) => !items.has(key)).length +
    (move && !customers.has(move.customer_id) ? 1 : 0) +
    (feedback && !products.has(feedback.product) ? 1 : 0) +
    checksOf(record);
  if (noted >= MAX_RECORDS_PER_MARKER) return false;
  const writes = markers.size + items.size + customers.size + products.size + checks;
  if (writes + fresh > room) return false;
  return [...added].every(([key, contributed]) => {
    const names = new Set([...(items.get(key) ?? []), ...contributed.map(({ counter }) => counter)]);
    return names.size <= MAX_COUNTERS_PER_UPDATE;
  });
}

function addToBatch(batch: Batch, record: RecordDelta): void {
  const { records, markers, items, customers, products } = batch;
  const marker = markerOf(record);
  records.push(record);
  markers.set(marker, (markers.get(marker) ?? 0) + 1);
  if (record.move) customers.add(record.move.customer_id);
  if (record.feedback) products.add(record.feedback.product);
  batch.checks += checksOf(record);
  for (const contribution of record.delta) {
    const key = sumKey(contribution);
    const names = items.get(key) ?? new Set<string>();
    items.set(key, names.add(contribution.counter));
  }
}

const emptyBatch = (): Batch => ({
  records: [],
  markers: new Map(),
  items: new Map(),
  customers: new Set(),
  products: new Set(),
  checks: 0,
});

/**
 * Cuts records into batches, in their order, each as large as a transaction may be.
 *
 * @param beside how many other writes a transaction takes along
 */
export function batches(records: readonly RecordDelta[], beside = 0): (readonly RecordDelta[])[] {
  const all: Batch[] = [];
  const room = MAX_TRANSACTION_ITEMS - beside;
  for (const record of records) {
    const last = all.at(-1);
    const batch = last && fitsBatch(last, record, room) ? last : emptyBatch();
    if (batch !== last) all.push(batch);
    addToBatch(batch, record);
  }
  return all.map((batch) => batch.records);
}

/** A stream keeps its records for 24 hours; after that none of them can be delivered again. */
const MARKER_SECONDS = 2 * 24 * 60 * 60;

/** Records that one marker notes. */
interface Marking {
  readonly marker: string;
  readonly event_ids: readonly string[];
}

const markingsOf = (batch: readonly RecordDelta[]): Marking[] =>
  Array.from(Map.groupBy(batch, markerOf), ([marker, records]) => ({
    marker,
    event_ids: records.map(({ event_id }) => event_id),
  }));

const markerKey = (marker: string) => ({ pk: `counted#${marker}`, sk: "counted" });

/**
 * Remembers that records have been counted, on the condition that none of them was. One item for all of a second: their
 * ids are 34 bytes each, so it has room for 12 000, far more than the counters of a day take.
 */
const idempotencyMarker = ({ marker, event_ids }: Marking, now: Date): Write => ({
  Update: {
    TableName: tableName,
    Key: markerKey(marker),
    UpdateExpression: "SET expires_at_epoch = :end ADD #r :all",
    ConditionExpression: `attribute_not_exists(#r) OR (${event_ids.map((_, n) => `NOT contains(#r, :${n})`).join(" AND ")})`,
    ExpressionAttributeNames: { "#r": "records" },
    ExpressionAttributeValues: {
      ":end": Math.floor(now.getTime() / 1000) + MARKER_SECONDS,
      ":all": new Set(event_ids),
      ...Object.fromEntries(event_ids.map((id, n) => [`:${n}`, id])),
    },
  },
});

/** Which of these records a marker notes already. */
async function countedBefore({ marker, event_ids }: Marking): Promise<readonly string[]> {
  const noted = await find({
    key: markerKey(marker),
    parse: ({ Item }: { Item: Record<string, unknown> }) => ({ data: Item.records }),
  });
  return noted instanceof Set ? event_ids.filter((id) => noted.has(id)) : [];
}

/** Adds to the counters of a series and period. Their names are data, so they never become part of the expression. */
function increment({ series, period, counters }: PeriodSums, now: Date): Write {
  const amounts = [...counters];
  const attributes = Object.entries(directoryAttributes(series, period, now));
  const set = attributes.map((_, n) => `#f${n} = :f${n}`).join(", ");
  return {
    Update: {
      TableName: tableName,
      Key: counterKey(series, period),
      UpdateExpression: `${set && `SET ${set} `}ADD revision :1, ${amounts.map((_, n) => `#${n} :a${n}`).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries([
        ...amounts.map(([name], n) => [`#${n}`, `${PREFIX}${name}`]),
        ...attributes.map(([name], n) => [`#f${n}`, name]),
      ]),
      ExpressionAttributeValues: Object.fromEntries([
        [":1", 1],
        ...amounts.map(([, amount], n): [string, number] => [`:a${n}`, amount]),
        ...attributes.map(([, value], n): [string, string] => [`:f${n}`, value]),
      ]),
    },
  };
}

/**
 * Writes a batch, all or nothing, and with it what else is to be written (`beside`), which has no conditions. Answers
 * the ids of records that were counted before; then nothing is written.
 */
export type WriteBatch = (
  batch: readonly RecordDelta[],
  now: Date,
  beside: readonly Write[],
) => Promise<ReadonlySet<string>>;

/**
 * Into the table: markers, the sums of all records, the dates of last interactions, and the newest feedback, in one
 * transaction. It is the only request, unless something has to be read first.
 *
 * @throws as `commit`; 409 when others keep changing the same dates
 */
export const writeBatch: WriteBatch = async (batch, now, beside) => {
  const sums: Sums = new Map();
  for (const { delta } of batch) addTo(sums, delta);
  const markings = markingsOf(batch);
  const counting = [
    ...markings.map((marking) => idempotencyMarker(marking, now)),
    ...[...withoutZeros(sums).values()].map((one) => increment(one, now)),
    ...beside,
  ];
  const moves = movesByCustomer(batch.flatMap(({ move }) => move ?? []));
  /** Customers whose dates turned out to be others than expected. */
  const outdated = new Set<string>();
  return withOptimisticRetry(async () => {
    const feedback = await recentFeedbackWrites(batch.flatMap(({ feedback }) => feedback ?? []));
    const dates = await lastInteractionWrites(moves, outdated, now);
    const following = [
      ...feedback.map((one) => ({ ...one, writes: [one.write] })),
      ...dates.map((one, n) => ({
        ...one,
        outdated: () => {
          one.outdated();
          outdated.add(moves[n]?.customer_id ?? "");
        },
      })),
    ];
    const place = (await openShardsWhenBusy(dates.length)) ?? ((write: Write) => write);
    const writes = [...counting, ...following.flatMap((one) => one.writes.map(place))];
    const failed = await commit(writes, { attempts: ATTEMPTS });
    if (failed.length === 0) {
      for (const { done } of following) done();
      return new Set<string>();
    }
    const marked = failed.flatMap((index) => markings[index] ?? []);
    if (marked.length > 0) {
      const before = new Set((await Promise.all(marked.map(countedBefore))).flat());
      return before.size > 0 ? before : RETRY;
    }
    // Nothing else of the counting has conditions, so it is feedback or dates: decided again on what is stored.
    const owners = following.flatMap((one) => one.writes.map(() => one));
    for (const index of failed) owners[index - counting.length]?.outdated();
    return RETRY;
  });
};
