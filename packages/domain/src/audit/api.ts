/** Reading the trail. */
import type {
  AuditChange,
  AuditEntry,
  AuditFilter,
  AuditPage,
  AuditVerification,
  VerifyQuery,
} from "@success-manager/contract/audit";
import { unprocessable } from "@success-manager/contract/problem";
import {
  auditPartitions,
  batchGetItems,
  equals,
  type Filter,
  formatCursor,
  MAX_KEY,
  type Partition,
  parseCursor,
  query,
  queryAll,
  type StoredAuditEntry,
  type StoredAuditLink,
} from "../table/index.ts";
import { dayBeside } from "./append.ts";
import { entryKey, isErased, type PlacedEntry, parseAnchor, verifyDay } from "./chain.ts";
import type { FieldChange } from "./entry.ts";

const changesIn = (json: string | undefined): AuditChange[] =>
  ((json === undefined ? [] : JSON.parse(json)) as FieldChange[]).map(([field, before, after]) => ({
    field,
    before,
    after,
  }));

function toEntry(stored: StoredAuditEntry): AuditEntry {
  const changes = [...changesIn(stored.changes), ...changesIn(stored.personal)];
  return {
    id: entryKey(stored),
    at: stored.at,
    actor: { kind: stored.actor_kind, id: stored.actor_id, name: stored.actor_name ?? null },
    request_id: stored.request_id ?? null,
    entity: stored.subject as AuditEntry["entity"],
    entity_id: stored.subject_id,
    action: stored.action,
    changes: changes.sort((a, b) => (a.field < b.field ? -1 : 1)),
    is_erased: isErased(stored),
  };
}

/** How many entries a request looks at for what no key knows. */
const LOOKED_AT = 2_000;
/** No entry is older, whatever a stage keeps: the first version that had a trail. */
const EARLIEST = "2026-11";

const monthBefore = (month: string) =>
  new Date(Date.parse(`${month}-01`) - 86_400_000).toISOString().slice(0, 7);

/** The partitions where such entries stand, newest first. */
function* placesOf({ entity, id, actor }: AuditFilter, from: string, to: string): Generator<Partition> {
  if (entity && id !== undefined) return yield auditPartitions.of(entity, id);
  if (actor !== undefined) return yield auditPartitions.by(actor);
  const first = from.slice(0, 7) < EARLIEST ? EARLIEST : from.slice(0, 7);
  for (let month = to.slice(0, 7); month >= first; month = monthBefore(month))
    yield auditPartitions.month(month);
}

const filterOf = ({ entity, id, actor, field }: AuditFilter): Filter => [
  ...equals({
    ...(id === undefined && { subject: entity }),
    ...(id !== undefined && { actor_id: actor }),
  }),
  field !== undefined && ["contains(#fields, :field)", { ":field": field }],
];

/** @throws 422 when the cursor is none of ours */
function positionOf(cursor: string): string {
  const { value, id } = parseCursor(cursor);
  if (id !== "" || typeof value !== "string" || !/^\d{4}-[\d:.TZ#-]{1,80}$/.test(value))
    throw unprocessable("cursor", "must be the next_cursor of an earlier answer");
  return value;
}

/**
 * Entries that meet a filter, newest first. Nobody counts them. A request looks at 2 000 entries at most: a page may hold
 * fewer than were asked for, and its cursor goes on.
 *
 * @throws 422 when the cursor is not one of ours
 */
export async function list(filter: AuditFilter, now = new Date()): Promise<AuditPage> {
  const { limit, cursor, from = "" } = filter;
  const after = cursor === undefined ? undefined : positionOf(cursor);
  const latest = filter.to ?? now.toISOString();
  // Behind all of the second.
  const end = after ?? `${latest}${MAX_KEY}`;
  const found: StoredAuditEntry[] = [];
  let looked = 0;
  const page = (last: string | undefined): AuditPage => ({
    entries: found.map(toEntry),
    limit,
    next_cursor: last === undefined ? null : formatCursor({ value: last, id: "" }),
  });
  for (const partition of placesOf(filter, from, end)) {
    const pages = query<StoredAuditEntry>(
      { partition, from: from === "" ? "0" : from, to: end, order: "desc", filter: filterOf(filter) },
      { pageSize: limit + 2, growth: 4 },
    );
    for await (const { items, scanned, next } of pages) {
      looked += scanned;
      for (const entry of items) {
        if (entryKey(entry) === after) continue;
        const last = found.at(-1);
        if (last && found.length === limit) return page(entryKey(last));
        found.push(entry);
      }
      if (looked >= LOOKED_AT && next !== undefined) return page(next.slice(0, 90));
    }
  }
  return page(undefined);
}

interface Placed {
  readonly sk: string;
}

/** Where a day ended, as the next day that has a chain says. */
async function anchoredEnd(day: string) {
  for (let ahead = 1; ahead <= 10; ahead++) {
    const links = query<StoredAuditLink>(
      { partition: auditPartitions.chain(dayBeside(day, ahead)), consistent: true },
      { pageSize: 1 },
    );
    const { value } = await links.next();
    const [first] = value?.items ?? [];
    if (!first) continue;
    const anchor = parseAnchor(first.previous);
    return anchor?.day === day ? anchor : undefined;
  }
  return undefined;
}

/**
 * Goes through all entries of a day and its chain: whether they are those that were written, and the first that is not.
 *
 * Entries are read before links: an entry is written with its link, so each entry that is found has one by then.
 */
export async function verify({ day }: VerifyQuery): Promise<AuditVerification> {
  const stored = await queryAll<StoredAuditEntry & Placed>({
    partition: auditPartitions.month(day.slice(0, 7)),
    from: day,
    to: `${day}${MAX_KEY}`,
    consistent: true,
  });
  const [links, anchored] = await Promise.all([
    queryAll<StoredAuditLink & Placed>({ partition: auditPartitions.chain(day), consistent: true }),
    anchoredEnd(day),
  ]);
  const entries: PlacedEntry[] = stored.map((entry) => ({ sk: entry.sk, entry }));
  // Written since: their links are known, and they are not.
  const known = new Set(entries.map(({ sk }) => sk));
  const missing = links.flatMap((link) =>
    link.entries.flatMap((one) => {
      const [sk = ""] = one.split(" ");
      return known.has(sk) ? [] : [sk];
    }),
  );
  if (missing.length > 0) {
    const pk = auditPartitions.month(day.slice(0, 7)).key;
    // More than some are not late, but gone.
    const late = missing.slice(0, 100).map((sk) => ({ pk, sk }));
    const written = await batchGetItems(late, { consistent: true });
    written.forEach((entry, n) => {
      if (entry) entries.push({ sk: late[n]?.sk ?? "", entry: entry as unknown as StoredAuditEntry });
    });
  }
  return verifyDay({ day, entries, links: links.map((link) => ({ sk: link.sk, link })), anchored });
}
