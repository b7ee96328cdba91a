import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import type { Product } from "@success-manager/contract/vocabulary";
import {
  batchGet,
  commitOne,
  type LastInteraction,
  type RecentFeedback,
  tableName,
} from "../../table/index.ts";
import { type PeriodSums, type Series, sumKey } from "../counters.ts";
import type { FeedbackByProduct } from "../stream/feedback.ts";
import type { StoredSums } from "./read.ts";
import type { Comparison } from "./rebuild.ts";

/**
 * A comparison that is under way, in the table, so that another invocation goes on with it: gzip of JSON, in as many
 * items as it takes. At 100 000 customers it is some 40 of them.
 */

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** DynamoDB's limit of an item is 400 KB; this leaves room for its keys. */
const MAX_BYTES = 390 * 1024;
/** A run that nobody goes on with for so long is begun anew. */
const KEPT_SECONDS = 3 * 24 * 60 * 60;

type PlainSums = readonly [Series, string, readonly (readonly [string, number])[]];

const toPlain = ({ now, before, storedDerived, recount }: Comparison) => ({
  now: now.toISOString(),
  before: [...before.values()],
  stored_dates: [...storedDerived.dates],
  stored_feedback: [...storedDerived.feedback],
  sums: Array.from(
    recount.sums.values(),
    ({ series, period, counters }): PlainSums => [series, period, [...counters]],
  ),
  items: recount.items,
  unreadable: recount.unreadable,
  dates: [...recount.derived.dates],
  feedback: [...recount.derived.feedback],
  read: [...recount.read],
});

interface Plain {
  readonly now: string;
  readonly before: readonly StoredSums[];
  readonly stored_dates: readonly (readonly [string, LastInteraction])[];
  readonly stored_feedback: readonly (readonly [Product, RecentFeedback | undefined])[];
  readonly sums: readonly PlainSums[];
  readonly items: number;
  readonly unreadable: string[];
  readonly dates: readonly (readonly [string, readonly string[]])[];
  readonly feedback: readonly (readonly [Product, NonNullable<ReturnType<FeedbackByProduct["get"]>>])[];
  readonly read: readonly (readonly [string, string | null])[];
}

function toComparison(plain: Plain): Comparison {
  const sums = plain.sums.map(([series, period, counters]): [string, PeriodSums] => [
    sumKey({ series, period }),
    { series, period, counters: new Map(counters) },
  ]);
  return {
    now: new Date(plain.now),
    before: new Map(plain.before.map((one) => [sumKey(one), one])),
    storedDerived: { dates: new Map(plain.stored_dates), feedback: new Map(plain.stored_feedback) },
    recount: {
      sums: new Map(sums),
      items: plain.items,
      unreadable: plain.unreadable,
      derived: { dates: new Map(plain.dates), feedback: new Map(plain.feedback) },
      read: new Map(plain.read),
    },
  };
}

/** Where a comparison stands in the table. */
export interface Checkpoint {
  /** Of this save: those of others are not mixed up with it. */
  readonly id: string;
  readonly parts: number;
}

const keyOf = (run: string, id: string, part: number) => ({ pk: `recount#${run}`, sk: `${id}#${part}` });

/** Saves a comparison of a run. What was saved before stays until the table's TTL removes it. */
export async function saveComparison(run: string, comparison: Comparison): Promise<Checkpoint> {
  const content = await compress(JSON.stringify(toPlain(comparison)));
  const id = new Date().toISOString();
  const parts = Math.ceil(content.byteLength / MAX_BYTES);
  const expires_at_epoch = Math.floor(Date.now() / 1000) + KEPT_SECONDS;
  for (let part = 0; part < parts; part++) {
    const bytes = content.subarray(part * MAX_BYTES, (part + 1) * MAX_BYTES);
    await commitOne({
      Put: { TableName: tableName, Item: { ...keyOf(run, id, part), content: bytes, expires_at_epoch } },
    });
  }
  return { id, parts };
}

/** The comparison that was saved; undefined when a part of it is gone or damaged. */
export async function loadComparison(
  run: string,
  { id, parts }: Checkpoint,
): Promise<Comparison | undefined> {
  const contents: Uint8Array[] = [];
  for (let part = 0; part < parts; part++) {
    const [content] = await batchGet({
      key: keyOf(run, id, part),
      parse: ({ Item }: { Item: Record<string, unknown> }) => ({ data: Item.content as Uint8Array }),
    });
    if (!content) return undefined;
    contents.push(content);
  }
  try {
    return toComparison(JSON.parse((await decompress(Buffer.concat(contents))).toString()));
  } catch {
    return undefined;
  }
}
