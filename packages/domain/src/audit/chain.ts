/**
 * How the trail is chained. Each link of a day's chain names some entries with their hashes and holds the hash of the
 * link before, the first one that of the last day before it. Entries and their link are written in one transaction, so
 * there is no entry that no link names, and no moment in which one could be changed unseen.
 *
 * What is personal of an entry is part of its hash by a proof alone: an HMAC by a key that only this entry has. Once
 * values and key are taken out, the proof says nothing about them, and the chain holds as before.
 */
import { createHash, createHmac, randomBytes } from "node:crypto";
import type { AuditProblem } from "@success-manager/contract/audit";
import type { StoredAuditEntry, StoredAuditLink } from "../table/index.ts";
import type { Change } from "./entry.ts";

const sha256 = (text: string) => createHash("sha256").update(text).digest("base64url");

/** A value with what proves it, and the key that has to be known to check that. */
function proven(value: string): readonly [key: string, proof: string] {
  const key = randomBytes(16).toString("base64url");
  return [key, proofOf(value, key)];
}

const proofOf = (value: string, key: string) => createHmac("sha256", key).update(value).digest("base64url");

/** Digits of the longest number that DynamoDB's streams give. */
const SEQUENCE_DIGITS = 40;

/** Where an entry stands: by time, and by the stream's number, which no other record has. */
export const entryKey = ({ at, sequence }: Pick<StoredAuditEntry, "at" | "sequence">) => `${at}#${sequence}`;

export type UnlinkedEntry = Omit<StoredAuditEntry, "link">;

/**
 * The entry of a change. The same record gives it the same place whenever it comes.
 *
 * @param written_at seconds since 1970
 * @param days how long it is kept
 */
export function entryOf(
  { entity, entity_id, action, actor, request_id, plain, personal }: Change,
  { sequence_number, written_at }: { readonly sequence_number: string; readonly written_at: number },
  days: number,
): UnlinkedEntry {
  const at = new Date(written_at * 1000).toISOString();
  const texts = personal.length > 0 ? JSON.stringify(personal) : undefined;
  const [personal_key, personal_proof] = texts === undefined ? [] : proven(texts);
  const [actor_key, actor_proof] = actor.name === undefined ? [] : proven(actor.name);
  return {
    month: at.slice(0, 7),
    at,
    sequence: sequence_number.padStart(SEQUENCE_DIGITS, "0"),
    subject: entity,
    subject_id: entity_id,
    action,
    actor_kind: actor.kind,
    actor_id: actor.id,
    request_id,
    fields: [...plain, ...personal].map(([field]) => field),
    changes: JSON.stringify(plain),
    personal: texts,
    personal_key,
    personal_proof,
    actor_name: actor.name,
    actor_key,
    actor_proof,
    expires_at_epoch: Math.floor(written_at) + days * 86_400,
  };
}

/** The hash of an entry: of all that stays, and of the proofs of what may be taken out. */
export const hashOf = (entry: UnlinkedEntry): string =>
  sha256(
    JSON.stringify([
      ...[entry.at, entry.sequence, entry.subject, entry.subject_id, entry.action],
      ...[entry.actor_kind, entry.actor_id, entry.request_id ?? null, entry.fields, entry.changes],
      ...[entry.personal_proof ?? null, entry.actor_proof ?? null],
    ]),
  );

/** Whether what is personal is what the proofs say, or was taken out as a whole. */
function isProven(entry: StoredAuditEntry): boolean {
  const holds = (value: string | undefined, key: string | undefined, proof: string | undefined) =>
    value === undefined
      ? key === undefined
      : key !== undefined && proof !== undefined && proofOf(value, key) === proof;
  return (
    holds(entry.personal, entry.personal_key, entry.personal_proof) &&
    holds(entry.actor_name, entry.actor_key, entry.actor_proof)
  );
}

/** Whether something personal was taken out of an entry. */
export const isErased = (entry: Omit<StoredAuditEntry, "link">): boolean =>
  (entry.personal_proof !== undefined && entry.personal === undefined) ||
  (entry.actor_proof !== undefined && entry.actor_name === undefined);

/** What the first link of all holds for the one before it. */
const BEGINNING = "beginning";

/** Where a chain ends. */
export interface Head {
  readonly day: string;
  readonly position: number;
  readonly hash: string;
}

/** How a day's first link names where the last day before it ended. */
export const anchorOf = (head: Head | undefined): string =>
  head ? `${head.day}#${head.position}#${head.hash}` : BEGINNING;

/** What a day's first link names; undefined for the very first one. */
export function parseAnchor(previous: string): Head | undefined {
  const [day, position, hash] = previous.split("#");
  return day && position && hash ? { day, position: Number(position), hash } : undefined;
}

const linkHash = ({
  day,
  position,
  previous,
  entries,
}: Pick<StoredAuditLink, "day" | "position" | "previous" | "entries">) =>
  sha256(JSON.stringify([day, position, previous, entries]));

const PLACE_DIGITS = 9;

/** Where a link stands among those of its day. */
export const placeOf = (position: number) => String(position).padStart(PLACE_DIGITS, "0");

/** The next link of a day, with its entries in the order of their keys. @param previous the hash of the one before, or the anchor of a day's first one */
export function linkOf(
  day: string,
  position: number,
  previous: string,
  entries: readonly UnlinkedEntry[],
  expires_at_epoch: number,
): StoredAuditLink {
  const named = entries.map((entry) => `${entryKey(entry)} ${hashOf(entry)}`).sort();
  const link = { day, position, previous, entries: named };
  return { ...link, place: placeOf(position), hash: linkHash(link), expires_at_epoch };
}

/** An entry as it is stored, and where. */
export interface PlacedEntry {
  readonly sk: string;
  readonly entry: StoredAuditEntry;
}

/** A part of a day's chain, with the entries that it names. */
export interface Part {
  readonly day: string;
  readonly entries: readonly PlacedEntry[];
  /** In the order of their keys. */
  readonly links: readonly { readonly sk: string; readonly link: StoredAuditLink }[];
  /** The link before; undefined for the day's first part. */
  readonly before?: { readonly hash: string; readonly position: number } | undefined;
  /** What a later day says of a link of this part, or of one that is to come when there is none. */
  readonly anchored?: Head | undefined;
}

/** What does not hold, and at which key: the first one of a day is told. */
export type Problem = AuditProblem & { readonly sk: string };

const timeOf = (sk: string) => /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/.exec(sk)?.[0] ?? null;

const problem = (
  kind: AuditProblem["kind"],
  sk: string,
  position: number | null,
  detail: string,
): Problem => ({ kind, sk, at: timeOf(sk), entry_id: sk.includes("#") ? sk : null, position, detail });

/** What does not hold of an entry that a link names. */
function judge(
  [sk = "", hash = ""]: readonly string[],
  position: number,
  stored: StoredAuditEntry | undefined,
  hashes: ReadonlySet<string>,
): Problem | undefined {
  if (!stored) return problem("removed", sk, position, "An entry is missing.");
  const found = hashOf(stored);
  if (found !== hash) {
    // Another entry's content: it stands where it was not written.
    if (entryKey(stored) !== sk || hashes.has(found))
      return problem("reordered", sk, position, "An entry stands in another one's place.");
    return problem("changed", sk, position, "An entry is not what it was.");
  }
  if (!isProven(stored))
    return problem("changed", sk, position, "What is personal of an entry is not what it was.");
  return stored.link === position
    ? undefined
    : problem("changed", sk, position, "An entry names another link than the one that names it.");
}

/** What does not hold of a part: of its entries and links; of a link, its first entry. The first one in the order of keys. */
export function verifyPart({ day, entries, links, before, anchored }: Part): Problem | undefined {
  const stored = new Map(entries.map(({ sk, entry }) => [sk, entry]));
  const named = new Set<string>();
  const hashes = new Set(links.flatMap(({ link }) => link.entries.map((one) => one.split(" ")[1] ?? "")));
  const problems: Problem[] = [];
  let previous = before?.hash;
  let expected = (before?.position ?? 0) + 1;
  for (const { sk: place, link } of links) {
    const position = Number(place);
    const [first = ""] = link.entries;
    const firstKey = first.split(" ")[0] ?? "";
    if (link.position !== position)
      problems.push(problem("reordered", firstKey, position, "A link stands in another one's place."));
    if (position > expected)
      problems.push(
        problem("removed", firstKey, expected, "Links before this entry are missing from the chain."),
      );
    const isFirst = previous === undefined;
    if (linkHash(link) !== link.hash) {
      // They were written in the order of their keys.
      const entries = link.entries.toSorted();
      const areThere = linkHash({ ...link, entries }) === link.hash;
      problems.push(
        areThere && position === expected
          ? problem(
              "reordered",
              firstKey,
              position,
              "The entries of a link are not in the order in which they were written.",
            )
          : problem("changed", firstKey, position, "A link is not what it was."),
      );
    } else if (!isFirst && position === expected && link.previous !== previous)
      problems.push(problem("changed", firstKey, position, "A link does not follow the one before it."));
    for (const one of link.entries) {
      const parts = one.split(" ");
      const [sk = ""] = parts;
      if (named.has(sk)) problems.push(problem("inserted", sk, position, "An entry is named twice."));
      named.add(sk);
      const found = judge(parts, position, stored.get(sk), hashes);
      if (found) problems.push(found);
    }
    previous = link.hash;
    expected = position + 1;
  }
  if (anchored) {
    const there = links.find(({ link }) => link.position === anchored.position)?.link;
    if (there?.hash !== anchored.hash)
      problems.push(
        there
          ? problem(
              "changed",
              there.entries[0]?.split(" ")[0] ?? day,
              anchored.position,
              "A later day names another link here.",
            )
          : problem(
              "removed",
              "~",
              anchored.position,
              "A later day names a link that is missing at the end.",
            ),
      );
  }
  return earliest(problems);
}

/** The first of them in the order of keys. */
export const earliest = (problems: readonly (Problem | undefined)[]): Problem | undefined =>
  problems.flatMap((one) => one ?? []).toSorted((a, b) => (a.sk < b.sk ? -1 : a.sk > b.sk ? 1 : 0))[0];

/** An entry that no link names: not the one that it says, if that is there at all. */
export const verifyNamed = (
  { sk }: PlacedEntry,
  link: Pick<StoredAuditLink, "entries"> | undefined,
): Problem | undefined =>
  link?.entries.some((one) => one.startsWith(`${sk} `))
    ? undefined
    : problem("inserted", sk, null, "No link names this entry.");
