import { commit, MAX_TRANSACTION_ITEMS, tableName, type Write } from "../../table/index.ts";
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

/** An update expression has 4 KB; a counter takes up to 13 bytes of it. */
export const MAX_COUNTERS_PER_UPDATE = 200;

/** What a batch of records writes, as far as it limits the batch. */
interface Batch {
  readonly records: RecordDelta[];
  /** Names of counters by item. */
  readonly items: Map<string, Set<string>>;
}

/** Whether one record more fits into a transaction: a marker for each record, and each item once. */
function fitsBatch({ records, items }: Batch, { delta }: RecordDelta): boolean {
  const added = Map.groupBy(delta, sumKey);
  const fresh = [...added.keys()].filter((key) => !items.has(key)).length;
  if (records.length + 1 + items.size + fresh > MAX_TRANSACTION_ITEMS) return false;
  return [...added].every(([key, contributed]) => {
    const names = new Set([...(items.get(key) ?? []), ...contributed.map(({ counter }) => counter)]);
    return names.size <= MAX_COUNTERS_PER_UPDATE;
  });
}

function addToBatch({ records, items }: Batch, record: RecordDelta): void {
  records.push(record);
  for (const contribution of record.delta) {
    const key = sumKey(contribution);
    const names = items.get(key) ?? new Set<string>();
    items.set(key, names.add(contribution.counter));
  }
}

/** Cuts records into batches, in their order, each as large as a transaction may be. */
export function batches(records: readonly RecordDelta[]): (readonly RecordDelta[])[] {
  const all: Batch[] = [];
  for (const record of records) {
    const last = all.at(-1);
    const batch = last && fitsBatch(last, record) ? last : { records: [], items: new Map() };
    if (batch !== last) all.push(batch);
    addToBatch(batch, record);
  }
  return all.map((batch) => batch.records);
}

/** A stream keeps its records for 24 hours; after that none of them can be delivered again. */
const MARKER_SECONDS = 2 * 24 * 60 * 60;

/** Remembers that a record has been counted. */
const idempotencyMarker = (event_id: string, now: Date): Write => ({
  Put: {
    TableName: tableName,
    Item: {
      pk: `counted#${event_id}`,
      sk: "counted",
      expires_at_epoch: Math.floor(now.getTime() / 1000) + MARKER_SECONDS,
    },
    ConditionExpression: "attribute_not_exists(pk)",
  },
});

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

/** Writes a batch, all or nothing. Answers the ids of records that were counted before; then nothing is written. */
export type WriteBatch = (batch: readonly RecordDelta[], now: Date) => Promise<ReadonlySet<string>>;

/** Into the table: a marker for each record, and their sums, in one transaction. @throws as `commit` */
export const writeBatch: WriteBatch = async (batch, now) => {
  const sums: Sums = new Map();
  for (const { delta } of batch) addTo(sums, delta);
  const markers = batch.map(({ event_id }) => idempotencyMarker(event_id, now));
  const increments = [...withoutZeros(sums).values()].map((one) => increment(one, now));
  const failed = await commit([...markers, ...increments]);
  // Only markers have conditions, and they come first.
  return new Set(failed.flatMap((number) => batch[number]?.event_id ?? []));
};
