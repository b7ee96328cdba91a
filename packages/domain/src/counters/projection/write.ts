import { commit, tableName, type Write } from "../../table/index.ts";
import { counterKey, PREFIX } from "../counters.ts";
import { directoryAttributes } from "../followed.ts";
import { type Sums, type Tally, tallyInto, withoutZeros } from "../tally.ts";
import type { Counted } from "./change.ts";

/** A stream keeps its records for 24 hours; after that none of them can be delivered again. */
const KEPT_SECONDS = 2 * 24 * 60 * 60;

/** Remembers that a record has been counted. */
const marking = (event_id: string, now: Date): Write => ({
  Put: {
    TableName: tableName,
    Item: {
      pk: `counted#${event_id}`,
      sk: "counted",
      expires_at_epoch: Math.floor(now.getTime() / 1000) + KEPT_SECONDS,
    },
    ConditionExpression: "attribute_not_exists(pk)",
  },
});

/** Counters' names are data, so they never become part of the expression. */
function adding({ series, period, counters }: Sums, now: Date): Write {
  const all = [...counters];
  const followed = Object.entries(directoryAttributes({ series, period }, now));
  const set = followed.map((_, n) => `#f${n} = :f${n}`).join(", ");
  return {
    Update: {
      TableName: tableName,
      Key: counterKey(series, period),
      UpdateExpression: `${set && `SET ${set} `}ADD revision :1, ${all.map((_, n) => `#${n} :a${n}`).join(", ")}`,
      ExpressionAttributeNames: Object.fromEntries([
        ...all.map(([name], n) => [`#${n}`, `${PREFIX}${name}`]),
        ...followed.map(([name], n) => [`#f${n}`, name]),
      ]),
      ExpressionAttributeValues: Object.fromEntries([
        [":1", 1],
        ...all.map(([, amount], n): [string, number] => [`:a${n}`, amount]),
        ...followed.map(([, value], n): [string, string] => [`:f${n}`, value]),
      ]),
    },
  };
}

/** Writes a pack, all or nothing. Answers the ids of those records that were counted before; then nothing is written. */
export type WritePack = (pack: readonly Counted[], now: Date) => Promise<ReadonlySet<string>>;

/** Into the table: a marker for each record, and their sums, in one transaction. @throws as `commit` */
export const writePack: WritePack = async (pack, now) => {
  const sums: Tally = new Map();
  for (const { delta } of pack) tallyInto(sums, delta);
  const markers = pack.map(({ event_id }) => marking(event_id, now));
  const adds = [...withoutZeros(sums).values()].map((one) => adding(one, now));
  const failed = await commit([...markers, ...adds]);
  // Only markers have conditions, and they come first.
  return new Set(failed.flatMap((number) => pack[number]?.event_id ?? []));
};
