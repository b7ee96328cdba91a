/** Reading the trail. */
import {
  type AuditChange,
  type AuditEntry,
  type AuditFilter,
  type AuditPage,
  AuditProblem,
  type AuditVerification,
  type VerifyQuery,
} from "@success-manager/contract/audit";
import { unprocessable } from "@success-manager/contract/problem";
import * as z from "zod";
import {
  auditPartitions,
  batchGetItems,
  equals,
  type Filter,
  formatCursor,
  MAX_KEY,
  MIN_KEY,
  type Partition,
  parseCursor,
  query,
  type StoredAuditEntry,
  type StoredAuditLink,
} from "../table/index.ts";
import { dayBeside } from "./append.ts";
import {
  anchorOf,
  earliest,
  entryKey,
  isErased,
  parseAnchor,
  placeOf,
  verifyNamed,
  verifyPart,
} from "./chain.ts";
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

/** How far the check of a day has come. It travels in the cursor: who changes it deceives themselves. */
const Standing = z.object({
  phase: z.enum(["links", "entries"]),
  /** The key that was looked at last. */
  after: z.string().max(100),
  /** The last link that was looked at. */
  before: z.object({ hash: z.string().max(64), position: z.int() }).optional(),
  anchored: z.object({ day: z.string().max(10), position: z.int(), hash: z.string().max(64) }).optional(),
  ...{ entries: z.int(), erased: z.int(), links: z.int() },
  problem: AuditProblem.extend({ sk: z.string().max(100) }).optional(),
});
type Standing = z.infer<typeof Standing>;

/** @throws 422 when the cursor is none of ours */
function parseStanding(cursor: string): Standing {
  try {
    return Standing.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch {
    throw unprocessable("cursor", "must be the next_cursor of an earlier answer");
  }
}

/** Items by their keys, strongly consistent, as many as there are. */
async function itemsAt<T>(pk: string, keys: readonly string[]): Promise<ReadonlyMap<string, T>> {
  const found = new Map<string, T>();
  for (let n = 0; n < keys.length; n += MOST_KEYS) {
    const some = keys.slice(n, n + MOST_KEYS);
    const items = await batchGetItems(
      some.map((sk) => ({ pk, sk })),
      { consistent: true },
    );
    items.forEach((item, m) => {
      if (item) found.set(some[m] ?? "", item as T);
    });
  }
  return found;
}
const MOST_KEYS = 100;

/** A page of what stands in a partition behind a key. */
async function pageAfter<T>(partition: Partition, from: string, to: string, after: string, most: number) {
  const pages = query<T & Placed>({ partition, from, to, consistent: true }, { pageSize: most + 1 });
  const { value } = await pages.next();
  // One of them was the last one of the page before.
  const items = (value?.items ?? []).filter(({ sk }) => sk > after);
  return { items: items.slice(0, most), isEnd: items.length <= most && value?.next === undefined };
}

/** Goes on along the chain: its links, and the entries that they name. */
async function verifyLinks(day: string, at: Standing, most: number) {
  const { items, isEnd } = await pageAfter<StoredAuditLink>(
    ...[auditPartitions.chain(day), at.after || MIN_KEY, MAX_KEY, at.after, most],
  );
  const named = items.flatMap((link) => link.entries.map((one) => one.split(" ")[0] ?? ""));
  const month = auditPartitions.month(day.slice(0, 7)).key;
  const stored = await itemsAt<StoredAuditEntry>(month, [...new Set(named)]);
  const last = items.at(-1);
  const { anchored, before } = at;
  const isHere = items.some(({ position }) => position === anchored?.position);
  const isMissing = isEnd && (anchored?.position ?? 0) > (last?.position ?? before?.position ?? 0);
  const problem = verifyPart({
    ...{ day, before, links: items.map((link) => ({ sk: link.sk, link })) },
    entries: [...stored].map(([sk, entry]) => ({ sk, entry })),
    anchored: isHere || isMissing ? anchored : undefined,
  });
  const next: Standing = {
    ...at,
    ...(isEnd ? { phase: "entries", after: "" } : { after: last?.sk ?? at.after }),
    ...(last && { before: { hash: last.hash, position: Number(last.sk) } }),
    links: at.links + items.length,
    problem: earliest([at.problem, problem]),
  };
  return { next, looked: items.length + named.length };
}

/** Goes on along the entries: each is named by the link that it says. Undefined behind the last of them. */
async function verifyEntries(day: string, at: Standing, most: number) {
  const { items, isEnd } = await pageAfter<StoredAuditEntry>(
    ...[auditPartitions.month(day.slice(0, 7)), at.after || day, `${day}${MAX_KEY}`, at.after, most],
  );
  const places = [...new Set(items.map(({ link }) => placeOf(link)))];
  // Read after the entries: an entry is written with its link.
  const links = await itemsAt<StoredAuditLink>(auditPartitions.chain(day).key, places);
  const problems = items.map((entry) => verifyNamed({ sk: entry.sk, entry }, links.get(placeOf(entry.link))));
  const next: Standing = {
    ...at,
    after: items.at(-1)?.sk ?? at.after,
    entries: at.entries + items.length,
    erased: at.erased + items.filter(isErased).length,
    problem: earliest([at.problem, ...problems]),
  };
  return { next, isEnd };
}

/** Entries that are taken for named by a link, to read as many links at a time; it may name 90 (`append.ts`). */
const IN_A_LINK = 45;

/**
 * Goes through a day's chain and then its entries: whether they are those that were written, and the first that is not.
 * A request looks at `limit` entries and some more; its cursor holds where the chain stands, and goes on. What is written
 * meanwhile is looked at when it stands behind.
 *
 * @throws 422 when the cursor is none of ours
 */
export async function verify({ day, cursor, limit }: VerifyQuery): Promise<AuditVerification> {
  let at: Standing =
    cursor === undefined
      ? {
          ...{ phase: "links", after: "", entries: 0, erased: 0, links: 0 },
          anchored: await anchoredEnd(day),
        }
      : parseStanding(cursor);
  let isDone = false;
  for (let looked = 0; looked < limit && !isDone; ) {
    const left = limit - looked;
    if (at.phase === "links") {
      const part = await verifyLinks(day, at, Math.ceil(left / IN_A_LINK));
      at = part.next;
      looked += part.looked;
    } else {
      const page = await verifyEntries(day, at, left);
      looked += Math.max(1, page.next.entries - at.entries);
      at = page.next;
      isDone = page.isEnd;
    }
  }
  const { entries, erased, links, before, problem } = at;
  const { sk: _, ...first_problem } = problem ?? { sk: "" };
  return {
    ...{ day, is_valid: problem === undefined, entries, erased, links },
    head: isDone && before ? anchorOf({ day, ...before }) : null,
    first_problem: problem ? (first_problem as AuditProblem) : null,
    next_cursor: isDone ? null : Buffer.from(JSON.stringify(at)).toString("base64url"),
  };
}
