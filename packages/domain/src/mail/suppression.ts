/**
 * Addresses that get no mail any more, or none of a kind. They bounced, their owner reported mail of ours as spam, or
 * unsubscribed from surveys; all of it is asked before every mail. SES's own list is off (infra/mail.ts): an admin could
 * not see or lift what is on it (decision 32).
 */
import { createHash } from "node:crypto";
import { notFound } from "@success-manager/contract/problem";
import type { Suppression, SuppressionFilter } from "@success-manager/contract/settings";
import type { SuppressionKind, SuppressionReason } from "@success-manager/contract/vocabulary";
import { DAY_MS } from "../calendar.ts";
import { toTokenRecord } from "../link-token.ts";
import {
  batchGet,
  commitOne,
  emailKey,
  find,
  formatCursor,
  getRequest,
  MIN_KEY,
  omitNull,
  parseInstantCursor,
  partitions,
  put,
  query,
  RETRY,
  type SoftBounce,
  type StoredSuppression,
  SuppressionEntity,
  withOptimisticRetry,
} from "../table/index.ts";
import type { MailEvent, MailTag } from "./status.ts";

/** A mailbox that was missing may be there half a year later. Who complained has said what they want, without an end. */
const BOUNCE_DAYS = 180;
/** For how long soft bounces, and that a person lifted a suppression, are remembered. */
const REMEMBERED_DAYS = 30;
/** So many mails in a row that did not arrive count as refused for good. */
export const MAX_SOFT_BOUNCES = 5;

/** The id of an address, however it is written; of a kind of mail that it does not get, another one. */
export const addressId = (email: string, kind: SuppressionKind = "all"): string =>
  toTokenRecord(
    createHash("sha256")
      .update(kind === "all" ? emailKey(email) : `${kind} ${emailKey(email)}`)
      .digest(),
  ).id;

type Facts = Omit<StoredSuppression, "suppressed_at" | "expires_at_epoch" | "revision">;

const daysAfter = (instant: string, days: number) => Date.parse(instant) + days * DAY_MS;

/** When the item may go; never as long as there is a complaint, or somebody unsubscribed. */
function endOf({
  bounced_at,
  complained_at,
  unsubscribed_at,
  soft_bounces = [],
  lifted_at,
}: Facts): number | undefined {
  if (complained_at || unsubscribed_at) return undefined;
  if (bounced_at) return daysAfter(bounced_at, BOUNCE_DAYS);
  const [last = "1970-01-01T00:00:00Z"] = [lifted_at, soft_bounces.at(-1)?.at]
    .flatMap((at) => at ?? [])
    .sort()
    .reverse();
  return daysAfter(last, REMEMBERED_DAYS);
}

/** Facts as they are stored, with what index and table go by. */
function toStored(facts: Facts, revision: number): StoredSuppression {
  const [suppressed_at] = [facts.bounced_at, facts.complained_at, facts.unsubscribed_at]
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
    const id = addressId(email);
    const changed = await withOptimisticRetry(async () => {
      const stored = await find(getRequest(SuppressionEntity, id));
      const after = afterEvent(stored ?? { id, email }, event);
      if (!after) return false;
      return (await write(stored, after)) ? true : RETRY;
    });
    isNew ||= changed;
  }
  return isNew;
}

/** Writes over what was read. One that the SDK repeats meets its own condition, is read again and changes nothing. */
function write(before: StoredSuppression | undefined, { id, email, ...facts }: Facts): Promise<boolean> {
  const known = Object.fromEntries(
    Object.entries(facts).filter(
      ([name]) => !["suppressed_at", "expires_at_epoch", "revision"].includes(name),
    ),
  );
  const after = toStored({ id, email, ...known }, (before?.revision ?? 0) + 1);
  return commitOne(
    put(SuppressionEntity, after, [
      before
        ? ["#revision = :revision", { ":revision": before.revision }]
        : ["attribute_not_exists(#pk)", {}],
    ]),
  );
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
} as const;

function toProblem(stored: StoredSuppression | undefined, now: Date): AddressProblem | undefined {
  const reason = reasonOf(stored, now);
  if (!stored || !reason) return undefined;
  const { complained_at = "", unsubscribed_at = "", bounced_at = "", bounce = "hard" } = stored;
  switch (reason) {
    case "complained":
      return { reason, detail: DETAILS.complained, since: complained_at };
    case "unsubscribed":
      return { reason, detail: DETAILS.unsubscribed, since: unsubscribed_at };
    case "bounced":
      return { reason, detail: DETAILS[bounce], since: bounced_at };
  }
}

/** What keeps all mail from an address; undefined when nothing does. One strongly consistent read. */
export const problemOf = async (email: string, now = new Date()): Promise<AddressProblem | undefined> =>
  toProblem(await find(getRequest(SuppressionEntity, addressId(email))), now);

/** What is known of an address, or of surveys to it. */
const suppressionRequest = (email: string, kind: SuppressionKind = "all") =>
  getRequest(SuppressionEntity, addressId(email, kind));

/** What `refusalOf` goes by, to be read with other things. */
export const refusalRequests = (email: string, kind: MailTag["kind"]) =>
  [suppressionRequest(email), kind === "survey" ? suppressionRequest(email, "surveys") : undefined] as const;

/**
 * Why a mail is not sent, for the person who wanted it to be; undefined when it may be. A notice about somebody's own
 * account, which they or an intruder caused, goes to who complained about other mail; to a mailbox that is not there
 * nothing does. Who unsubscribed from surveys gets no surveys.
 *
 * @param found what is known of the address, and of surveys to it
 */
export function refusalOf(
  { known: stored, left }: Readonly<Record<"known" | "left", StoredSuppression | undefined>>,
  kind: MailTag["kind"],
  now = new Date(),
): string | undefined {
  const { complained_at: _, ...withoutComplaint } = stored ?? {};
  const counted = kind === "notice" && stored ? (withoutComplaint as StoredSuppression) : stored;
  const problem = toProblem(counted, now) ?? toProblem(left, now);
  return (
    problem &&
    `This mail was not sent. ${problem.detail} Use another address, or ask an admin to let mail go there again.`
  );
}

/** The same for who asks before there is a mail, in one read. */
export async function findRefusal(to: string, kind: MailTag["kind"]): Promise<string | undefined> {
  const [known, left] = await batchGet(...refusalRequests(to, kind));
  return refusalOf({ known, left }, kind);
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
    const stored = await batchGet(
      getRequest(SuppressionEntity, addressId(email)),
      getRequest(SuppressionEntity, addressId(email, "surveys")),
    );
    return { suppressions: shown(stored).slice(0, limit), limit, next_cursor: null };
  }
  const after = cursor === undefined ? undefined : parseInstantCursor(cursor);
  const last = after && `${after.value}#${after.id}`;
  const pages = query<StoredSuppression>(
    { partition: partitions.type("suppression"), order: "desc", ...(last && { from: MIN_KEY, to: last }) },
    // One of them ends the page before.
    { pageSize: limit + 1 },
  );
  const { value: page } = await pages.next();
  const rows = (page?.items ?? []).filter(({ id }) => id !== after?.id);
  const some = rows.slice(0, limit);
  const end = some.at(-1);
  const hasMore = rows.length > limit || page?.next !== undefined;
  return {
    suppressions: shown(some),
    limit,
    next_cursor: hasMore && end ? formatCursor({ value: end.suppressed_at ?? "", id: end.id }) : null,
  };
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
  (await find(getRequest(SuppressionEntity, addressId(email, "surveys"))))?.unsubscribed_at !== undefined;

/**
 * Sends an address no more surveys, until an admin lifts that (decision 40). Doing it again changes nothing.
 *
 * @throws 409 when others keep changing it
 */
export const unsubscribe = (email: string, now = new Date()): Promise<void> =>
  withOptimisticRetry(async () => {
    const kind = "surveys" as const;
    const id = addressId(email, kind);
    const stored = await find(getRequest(SuppressionEntity, id));
    if (stored?.unsubscribed_at) return undefined;
    return (await write(stored, { id, email, kind, unsubscribed_at: now.toISOString() })) ? undefined : RETRY;
  });
