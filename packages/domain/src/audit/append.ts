/** Writing the trail: from records of the table's stream, each once however often it comes. */
import { config } from "../config.ts";
import {
  AuditEntryEntity,
  AuditLinkEntity,
  auditPartitions,
  batchGetItems,
  commit,
  NOT_EXISTS,
  put,
  query,
  type StoredAuditLink,
  sleepWithJitter,
} from "../table/index.ts";
import { anchorOf, entryOf, type Head, linkOf, type UnlinkedEntry } from "./chain.ts";
import { changeOf, deletedBy, deletionOf, type ItemChange } from "./entry.ts";

/** A record of the table's stream. */
export interface AuditedRecord {
  readonly sequence_number: string;
  /** Seconds since 1970. */
  readonly written_at: number | undefined;
  /** The whole item. */
  images(): ItemChange;
}

export interface UnauditedRecord<R> {
  readonly change: R;
  readonly error: unknown;
}

const dayOf = ({ at }: Pick<UnlinkedEntry, "at">) => at.slice(0, 10);

/** Where the chains end that this process has written to; a write on a condition finds out when it is old. */
const heads = new Map<string, Head | undefined>();
const MOST_HEADS = 10;

/** Where a day's chain ends; undefined when it has not begun. Read strongly consistent. */
export async function readHead(day: string): Promise<Head | undefined> {
  const last = query<StoredAuditLink>(
    { partition: auditPartitions.chain(day), order: "desc", consistent: true },
    { pageSize: 1 },
  );
  const { value } = await last.next();
  return value?.items[0];
}

/** How many days a chain looks back for the one before it: over a long weekend. */
const LOOKED_BACK = 10;

/** A day so many days before or after another one. */
export const dayBeside = (day: string, days: number) =>
  new Date(Date.parse(day) + days * 86_400_000).toISOString().slice(0, 10);

/** Where the last day before this one ended. */
async function headBefore(day: string): Promise<Head | undefined> {
  for (let back = 1; back <= LOOKED_BACK; back++) {
    const head = await readHead(dayBeside(day, -back));
    if (head) return head;
  }
  return undefined;
}

/** Records that meet in one chain try again so often; of two, one is always done. */
const ATTEMPTS = 40;

/** Writes entries of one day with the link that names them: as one transaction. */
async function appendLink(day: string, all: readonly UnlinkedEntry[]): Promise<void> {
  let entries = all;
  for (let attempt = 0; attempt < ATTEMPTS && entries.length > 0; attempt++) {
    if (attempt > 0) await sleepWithJitter(Math.min(attempt, 6));
    if (!heads.has(day)) {
      const [oldest] = heads.keys();
      if (heads.size >= MOST_HEADS && oldest !== undefined) heads.delete(oldest);
      heads.set(day, await readHead(day));
    }
    const head = heads.get(day);
    const position = (head?.position ?? 0) + 1;
    const previous = head?.hash ?? anchorOf(await headBefore(day));
    const expires = Math.max(...entries.map(({ expires_at_epoch }) => expires_at_epoch));
    const link = linkOf(day, position, previous, entries, expires);
    const failed = new Set(
      await commit([
        put(AuditLinkEntity, link, NOT_EXISTS),
        ...entries.map((entry) => put(AuditEntryEntity, { ...entry, link: position }, NOT_EXISTS)),
      ]),
    );
    if (failed.size === 0) {
      heads.set(day, link);
      return;
    }
    // Somebody else was faster.
    if (failed.has(0)) heads.delete(day);
    // And these were noted before: their records have come again.
    entries = entries.filter((_, index) => !failed.has(index + 1));
  }
  if (entries.length > 0)
    throw Object.assign(new Error(`The trail of ${day} is busy`), { name: "TransactionConflictException" });
}

/** A transaction takes 100 writes of 4 MB together; an entry has a few kilobytes, and rarely some hundred. */
const MOST_ENTRIES = 90;
const MOST_CHARACTERS = 700_000;

/** Cuts entries, in their order, so that each part fits into a transaction. */
export function chunks(entries: readonly UnlinkedEntry[]): UnlinkedEntry[][] {
  const all: UnlinkedEntry[][] = [];
  let room = 0;
  for (const entry of entries) {
    const size = entry.changes.length + (entry.personal?.length ?? 0) + 1_000;
    const last = all.at(-1);
    if (!last || last.length >= MOST_ENTRIES || size > room) {
      all.push([entry]);
      room = MOST_CHARACTERS - size;
    } else {
      last.push(entry);
      room -= size;
    }
  }
  return all;
}

/** As many items as a request reads. */
const MOST_READ = 100;

/**
 * Notes what records say that somebody has changed. Answers those that can't be read, whatever is tried; all others are
 * noted, each once.
 *
 * @throws when the database fails; then a part may be noted, and the records can be given again
 */
export async function audit<R extends AuditedRecord>(records: readonly R[]): Promise<UnauditedRecord<R>[]> {
  const failed: UnauditedRecord<R>[] = [];
  const days = config().AUDIT_RETENTION_DAYS;
  const read = records.flatMap((record) => {
    try {
      const images = record.images();
      return [{ record, images, deletion: deletionOf(images) }];
    } catch (error) {
      failed.push({ change: record, error });
      return [];
    }
  });
  const deleted = read.flatMap(({ deletion }) => deletion ?? []);
  const deletions: Awaited<ReturnType<typeof batchGetItems>> = [];
  for (let n = 0; n < deleted.length; n += MOST_READ)
    deletions.push(...(await batchGetItems(deleted.slice(n, n + MOST_READ), { consistent: true })));
  const byKey = new Map(deletions.map((item, n) => [deleted[n]?.pk, item]));
  const entries = read.flatMap(({ record, images, deletion }) => {
    try {
      const change = changeOf(images, deletion && deletedBy(byKey.get(deletion.pk)));
      if (!change) return [];
      const written_at = record.written_at ?? 0;
      return [entryOf(change, { sequence_number: record.sequence_number, written_at }, days)];
    } catch (error) {
      failed.push({ change: record, error });
      return [];
    }
  });
  for (const [day, some] of Map.groupBy(entries, dayOf))
    for (const part of chunks(some)) await appendLink(day, part);
  return failed;
}
