/**
 * Addresses that get no mail any more, or none of a kind. They bounced, their owner reported mail of ours as spam, or
 * unsubscribed from surveys; all of it is asked before every mail. SES's own list is off (infra/mail.ts): an admin could
 * not see or lift what is on it (decision 32).
 */
import { createHash, createHmac } from "node:crypto";
import { notFound } from "@success-manager/contract/problem";
import type { Suppression, SuppressionFilter } from "@success-manager/contract/settings";
import type { SuppressionKind, SuppressionReason } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../calendar.ts";
import { config } from "../config.ts";
import { toTokenRecord } from "../link-token.ts";
import { readSecret } from "../secret.ts";
import {
  batchGet,
  commitOne,
  deleteItem,
  emailKey,
  find,
  getRequest,
  newestPage,
  omitNull,
  put,
  RETRY,
  type SoftBounce,
  type StoredSuppression,
  SuppressionEntity,
  withOptimisticRetry,
  withoutWriter,
} from "../table/index.ts";
import type { MailEvent, MailTag } from "./status.ts";

/** A mailbox that was missing may be there half a year later. Who complained has said what they want, without an end. */
const BOUNCE_DAYS = 180;
/** For how long soft bounces, and that a person lifted a suppression, are remembered. */
const REMEMBERED_DAYS = 30;
/** So many mails in a row that did not arrive count as refused for good. */
export const MAX_SOFT_BOUNCES = 5;

/** The id that an address had before it took a key to make one; of a kind of mail that it does not get, another one. */
export const unkeyedId = (email: string, kind: SuppressionKind = "all"): string =>
  toTokenRecord(
    createHash("sha256")
      .update(kind === "all" ? emailKey(email) : `${kind} ${emailKey(email)}`)
      .digest(),
  ).id;

/** The stage's key of addresses, read once: with another one, nobody would be known (infra/data.ts). */
let key: Promise<string> | undefined;

async function readKey(): Promise<string> {
  const { ADDRESS_KEY_SECRET_ARN: arn } = config();
  const secret = arn && (await readSecret(arn));
  if (!secret) throw new Error("ADDRESS_KEY_SECRET_ARN names no secret");
  return secret.value;
}

/** An id that says nothing of its address to who does not have the key, made of the one without. */
async function keyedId(unkeyed: string): Promise<string> {
  key ??= readKey().catch((error: unknown) => {
    key = undefined;
    throw error;
  });
  return toTokenRecord(
    createHmac("sha256", await key)
      .update(unkeyed)
      .digest(),
  ).id;
}

/** The id of an address, however it is written; of a kind of mail that it does not get, another one. */
export const addressId = (email: string, kind?: SuppressionKind): Promise<string> =>
  keyedId(unkeyedId(email, kind));

type Facts = Omit<StoredSuppression, "suppressed_at" | "expires_at_epoch" | "revision">;

const daysAfter = (instant: string, days: number) => Date.parse(instant) + days * DAY_MS;

/** When the item may go; never as long as there is a complaint, or somebody unsubscribed or was erased. */
function endOf({
  bounced_at,
  complained_at,
  unsubscribed_at,
  erased_at,
  soft_bounces = [],
  lifted_at,
}: Facts): number | undefined {
  if (complained_at || unsubscribed_at || erased_at) return undefined;
  if (bounced_at) return daysAfter(bounced_at, BOUNCE_DAYS);
  const [last = "1970-01-01T00:00:00Z"] = [lifted_at, soft_bounces.at(-1)?.at]
    .flatMap((at) => at ?? [])
    .sort()
    .reverse();
  return daysAfter(last, REMEMBERED_DAYS);
}

/** Facts as they are stored, with what index and table go by. */
function toStored(facts: Facts, revision: number): StoredSuppression {
  const [suppressed_at] = [facts.bounced_at, facts.complained_at, facts.unsubscribed_at, facts.erased_at]
    .flatMap((at) => at ?? [])
    .sort()
    .reverse();
  const end = endOf(facts);
  return {
    ...facts,
    ...(suppressed_at && { suppressed_at }),
    ...(end !== undefined && { expires_at_epoch: Math.ceil(end / 1000) }),
    revision,
  };
}

type News = Pick<MailEvent, "status" | "at" | "message_id">;

/**
 * What is known of an address after an event; undefined when it changes nothing. Events may come twice and in any order.
 *
 * @param known undefined for an address of which nothing is known
 */
export function afterEvent(known: Facts, { status, at, message_id }: News): Facts | undefined {
  // A person has decided since.
  if (known.lifted_at !== undefined && at <= known.lifted_at) return undefined;
  const { soft_bounces = [] } = known;
  switch (status) {
    case "bounced":
      if (known.bounce === "hard" && (known.bounced_at ?? "") >= at) return undefined;
      return { ...known, bounced_at: at, bounce: "hard" };
    case "complained":
      return (known.complained_at ?? "") >= at ? undefined : { ...known, complained_at: at };
    case "soft_bounced": {
      if (known.bounced_at !== undefined) return undefined;
      if (soft_bounces.some((one) => one.message_id === message_id)) return undefined;
      const all: SoftBounce[] = [...soft_bounces, { message_id, at }].sort((a, b) => (a.at < b.at ? -1 : 1));
      const isTooMany = all.length >= MAX_SOFT_BOUNCES;
      return { ...known, soft_bounces: all, ...(isTooMany && { bounced_at: at, bounce: "soft" }) };
    }
    case "delivered": {
      const later = soft_bounces.filter((one) => one.at > at);
      return later.length === soft_bounces.length ? undefined : { ...known, soft_bounces: later };
    }
    default:
      return undefined;
  }
}

/** The reason for which an address gets no mail at a moment. A complaint goes before: it has no end. */
function reasonOf(stored: StoredSuppression | undefined, now: Date): SuppressionReason | undefined {
  if (stored?.complained_at) return "complained";
  if (stored?.unsubscribed_at) return "unsubscribed";
  if (stored?.erased_at) return "erased";
  const { bounced_at } = stored ?? {};
  return bounced_at && daysAfter(bounced_at, BOUNCE_DAYS) > now.getTime() ? "bounced" : undefined;
}

/**
 * Notes what an event says of the addresses that its mail went to. Answers whether it says anything new.
 *
 * @throws 409 when others keep changing one of them
 */
export async function noteAddresses(event: MailEvent): Promise<boolean> {
  let isNew = false;
  for (const email of event.addresses) {
    const changed = await withOptimisticRetry(async () => {
      const { id, stored } = await findAddress(email);
      const after = afterEvent(stored ?? { id, email }, event);
      if (!after) return false;
      return (await write(stored, { ...after, id })) ? true : RETRY;
    });
    isNew ||= changed;
  }
  return isNew;
}

/**
 * Writes over what was read. What was read under an id without a key is written under the one with it, which is asked
 * first from then on.
 */
function write(before: StoredSuppression | undefined, { id, email, ...facts }: Facts): Promise<boolean> {
  const known = Object.fromEntries(
    Object.entries(facts).filter(
      ([name]) => !["suppressed_at", "expires_at_epoch", "revision"].includes(name),
    ),
  );
  const is_keyed = before?.id === id ? before.is_keyed : true;
  const after = toStored({ id, email, ...known, ...omitNull({ is_keyed }) }, (before?.revision ?? 0) + 1);
  const isThere = before !== undefined && before.id === id;
  return commitOne(
    put(SuppressionEntity, after, [
      isThere
        ? ["#revision = :revision", { ":revision": before.revision }]
        : ["attribute_not_exists(#pk)", {}],
    ]),
  );
}

/** How an address is asked for: by its id, and by the one that it had without a key (`moveToKey`). */
async function addressRequests(email: string, kind: SuppressionKind = "all") {
  const unkeyed = unkeyedId(email, kind);
  return [
    getRequest(SuppressionEntity, await keyedId(unkeyed)),
    getRequest(SuppressionEntity, unkeyed),
  ] as const;
}

/** What is known of an address, in one strongly consistent request, and the id under which it is written. */
async function findAddress(email: string, kind: SuppressionKind = "all") {
  const [keyed, unkeyed] = await batchGet(...(await addressRequests(email, kind)));
  return { id: await addressId(email, kind), stored: keyed ?? unkeyed };
}

/** Why an address gets no mail, and since when. */
export interface AddressProblem {
  readonly reason: SuppressionReason;
  /** For a person. */
  readonly detail: string;
  readonly since: string;
}

const DETAILS = {
  hard: "Mail to this address was refused for good, most likely because there is no such mailbox.",
  soft: `Mail to this address did not arrive ${MAX_SOFT_BOUNCES} times in a row.`,
  complained: "Somebody at this address reported mail of ours as spam.",
  unsubscribed: "Whoever reads mail at this address has unsubscribed from surveys.",
  erased: "Whoever reads mail at this address had their personal data erased.",
} as const;

function toProblem(stored: StoredSuppression | undefined, now: Date): AddressProblem | undefined {
  const reason = reasonOf(stored, now);
  if (!stored || !reason) return undefined;
  const { complained_at = "", unsubscribed_at = "", bounced_at = "", bounce = "hard" } = stored;
  const { erased_at = "" } = stored;
  switch (reason) {
    case "complained":
      return { reason, detail: DETAILS.complained, since: complained_at };
    case "unsubscribed":
      return { reason, detail: DETAILS.unsubscribed, since: unsubscribed_at };
    case "erased":
      return { reason, detail: DETAILS.erased, since: erased_at };
    case "bounced":
      return { reason, detail: DETAILS[bounce], since: bounced_at };
  }
}

/** What keeps all mail from an address; undefined when nothing does. */
export const problemOf = async (email: string, now = new Date()): Promise<AddressProblem | undefined> =>
  toProblem((await findAddress(email)).stored, now);

/** What `refusalOf` goes by, to be read with other things: what is known of the address, and of surveys to it; of each, two. */
export async function refusalRequests(email: string, kind: MailTag["kind"]) {
  const known = await addressRequests(email);
  const left =
    kind === "survey" ? await addressRequests(email, "surveys") : ([undefined, undefined] as const);
  return [...known, ...left] as const;
}

type Found = StoredSuppression | undefined;

/** What somebody has wished who has an account here all the same. */
const NO_WISH = { complained_at: undefined, erased_at: undefined };

/**
 * Why a mail is not sent, for the person who wanted it to be; undefined when it may be. A notice about somebody's own
 * account, which they or an intruder caused, goes to who complained about other mail; to a mailbox that is not there
 * nothing does. Who unsubscribed from surveys gets no surveys.
 *
 * @param found by `refusalRequests`
 */
export function refusalOf(
  [keyed, unkeyed, keyedLeft, unkeyedLeft]: readonly [Found, Found, Found, Found],
  kind: MailTag["kind"],
  now = new Date(),
): string | undefined {
  const stored = keyed ?? unkeyed;
  const counted = kind === "notice" && stored ? { ...stored, ...NO_WISH } : stored;
  const problem = toProblem(counted, now) ?? toProblem(keyedLeft ?? unkeyedLeft, now);
  return (
    problem &&
    `This mail was not sent. ${problem.detail} Use another address, or ask an admin to let mail go there again.`
  );
}

/** The same for who asks before there is a mail, in one read. */
export async function findRefusal(to: string, kind: MailTag["kind"]): Promise<string | undefined> {
  const [a, b, c, d] = await refusalRequests(to, kind);
  return refusalOf(await batchGet(a, b, c, d), kind);
}

const toSuppression = (
  stored: StoredSuppression,
  { reason, detail, since }: AddressProblem,
): Suppression => ({
  id: stored.id,
  email: stored.email,
  kind: stored.kind ?? "all",
  reason,
  detail,
  suppressed_at: since,
  expires_at:
    stored.expires_at_epoch === undefined ? null : new Date(stored.expires_at_epoch * 1000).toISOString(),
});

/**
 * Addresses that get no mail or no surveys, newest first. Nobody counts them: a list by time and a look-up by address.
 *
 * @throws 422 when the cursor is not one of ours
 */
export async function list({ limit, cursor, email }: SuppressionFilter, now = new Date()) {
  const shown = (rows: readonly (StoredSuppression | undefined)[]) =>
    rows.flatMap((stored) => {
      const problem = toProblem(stored, now);
      return stored && problem ? [toSuppression(stored, problem)] : [];
    });
  if (email !== undefined) {
    const [a, b, c, d] = await refusalRequests(email, "survey");
    const [keyed, unkeyed, keyedLeft, unkeyedLeft] = await batchGet(a, b, c, d);
    return {
      suppressions: shown([keyed ?? unkeyed, keyedLeft ?? unkeyedLeft]).slice(0, limit),
      limit,
      next_cursor: null,
    };
  }
  const { rows, next_cursor } = await newestPage<StoredSuppression>(
    "suppression",
    ({ suppressed_at = "" }) => suppressed_at,
    { limit, cursor },
  );
  return { suppressions: shown(rows), limit, next_cursor };
}

/**
 * Lets mail go to an address again, until something else happens there.
 *
 * @throws 404; 409 when others keep changing it
 */
export const lift = (id: string, now = new Date()): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const stored = await find(getRequest(SuppressionEntity, id));
    if (!stored || !reasonOf(stored, now)) throw notFound("Suppression");
    const { email, kind } = stored;
    if (!(await write(stored, { id, email, ...omitNull({ kind }), lifted_at: now.toISOString() })))
      return RETRY;
    return { message: `${kind === "surveys" ? "Surveys go" : "Mail goes"} to ${email} again.` };
  });

/** How an address and surveys stand to each other. */
export const isUnsubscribed = async (email: string): Promise<boolean> =>
  (await findAddress(email, "surveys")).stored?.unsubscribed_at !== undefined;

/**
 * Sends an address no more surveys, until an admin lifts that (decision 40). Doing it again changes nothing.
 *
 * @throws 409 when others keep changing it
 */
export const unsubscribe = (email: string, now = new Date()): Promise<void> =>
  withOptimisticRetry(async () => {
    const kind = "surveys" as const;
    const { id, stored } = await findAddress(email, kind);
    if (stored?.unsubscribed_at) return undefined;
    return (await write(stored, { id, email, kind, unsubscribed_at: now.toISOString() })) ? undefined : RETRY;
  });

/**
 * Takes an address out of what is known of it, and keeps all mail from it: who comes back by a list that is imported
 * again gets none, until an admin lifts that. Answers how many items held the address; doing it again, none.
 *
 * @param as stands in its place
 * @param how `count` changes nothing
 * @throws 409 when others keep changing it
 */
export async function eraseAddress(
  email: string,
  as: string,
  how: "erase" | "count" = "erase",
  now = new Date(),
): Promise<number> {
  let count = 0;
  for (const kind of ["all", "surveys"] as const)
    count += await withOptimisticRetry(async () => {
      const { id, stored } = await findAddress(email, kind);
      const isNamed = stored !== undefined && stored.email !== as;
      const isKept = kind === "surveys" || stored?.erased_at !== undefined;
      if (how === "count" || (!isNamed && isKept)) return Number(isNamed);
      const facts = { ...stored, id, email: as, ...(kind === "all" && { erased_at: now.toISOString() }) };
      return (await write(stored, facts)) ? Number(isNamed) : RETRY;
    });
  return count;
}

/** As whom the audit trail knows what is known of an address. */
export async function namesOf(email: string): Promise<string[]> {
  const unkeyed = (["all", "surveys"] as const).map((kind) => unkeyedId(email, kind));
  const ids = [...unkeyed, ...(await Promise.all(unkeyed.map(keyedId)))];
  return ids.map((id) => `suppression ${id}`);
}

/**
 * Moves what stands under an id without a key to the one with it, which follows from the other: also where the address
 * itself is known no more. What is known under that one already is newer.
 */
export async function moveIfUnkeyed(stored: StoredSuppression): Promise<void> {
  if (stored.is_keyed) return;
  const moved = { ...stored, id: await keyedId(stored.id), is_keyed: true };
  await commitOne(put(SuppressionEntity, moved, [["attribute_not_exists(#pk)", {}]]));
  await commitOne(withoutWriter(deleteItem(SuppressionEntity.delete({ id: stored.id }))));
}
