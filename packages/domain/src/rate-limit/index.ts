/** How often an address may call (decision 22). */
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import { tooManyRequests } from "@success-manager/contract/problem";
import { commitOne, rateLimitKey, tableName } from "../table/index.ts";

const MINUTE = 60;
/** Counters of past minutes may stay this long; the table's TTL removes them. */
const KEPT_SECONDS = 10 * MINUTE;

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/**
 * Whom an address stands for: an IPv4 address for itself, an IPv6 address for its first 64 bits, all of which one
 * subscriber has (RFC 6177), who could otherwise call from a new one each time.
 */
export function networkOf(sourceIp: string): string {
  const [, mapped] = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(sourceIp) ?? [];
  if (mapped) return mapped;
  if (!isIPv6(sourceIp)) return sourceIp;
  const [left = "", right] = sourceIp.replace(/%.*/, "").split("::");
  const [head, tail] = [left, right ?? ""].map((part) => part.split(":").filter(Boolean)) as [
    string[],
    string[],
  ];
  const zeros = Array<string>(Math.max(0, 8 - head.length - tail.length)).fill("0");
  const groups = [...head, ...zeros, ...tail].slice(0, 4);
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(":")}::/64`;
}

/** An address as it is kept where one only has to know it again. */
export const addressHash = (sourceIp: string) => hash(networkOf(sourceIp));

/** A number that grows with a call, and how far it may. */
interface Limit {
  /** Whose calls are counted apart from others' of the same address; all of the address when absent. */
  readonly of?: string;
  readonly most: number;
}

/**
 * Counts a call of an address, in one write: an address has one item per kind and minute, each limit is a number in
 * it. A call that is refused is not counted.
 *
 * @param kind of calls, as the item is named
 * @param sourceIp the gateway's view of the caller's address
 * @throws 429 with the seconds until the next minute when one of the limits is reached
 */
async function count(kind: string, sourceIp: string, limits: readonly Limit[], now: number): Promise<void> {
  const seconds = Math.floor(now / 1000);
  const minute = Math.floor(seconds / MINUTE);
  const counters = limits.map(({ of, most }, n) => ({
    name: `#c${n}`,
    attribute: of === undefined ? "attempts" : `account_${hash(of)}`,
    value: `:most${n}`,
    most,
  }));
  const allowed = await commitOne({
    Update: {
      TableName: tableName,
      Key: rateLimitKey(kind, addressHash(sourceIp), minute),
      UpdateExpression: `ADD ${counters.map(({ name }) => `${name} :one`).join(", ")} SET expires_at_epoch = :expires`,
      ConditionExpression: counters
        .map(({ name, value }) => `(attribute_not_exists(${name}) OR ${name} < ${value})`)
        .join(" AND "),
      ExpressionAttributeNames: Object.fromEntries(counters.map(({ name, attribute }) => [name, attribute])),
      ExpressionAttributeValues: {
        ":one": 1,
        ":expires": seconds + KEPT_SECONDS,
        ...Object.fromEntries(counters.map(({ value, most }) => [value, most])),
      },
    },
  });
  if (!allowed) throw tooManyRequests((minute + 1) * MINUTE - seconds);
}

/** Calls a minute that decision 22 allows. */
const LOGINS_PER_ACCOUNT = 10;
const LOGINS_PER_ADDRESS = 100;
const SURVEY_CALLS_PER_ADDRESS = 120;
const REPORT_CALLS_PER_ADDRESS = 120;
/** Each may cost a hash. */
const PASSWORD_CALLS_PER_ADDRESS = 30;

/**
 * Counts a comparison of a password: a log-in, or a change that needs the current one.
 *
 * @param account the address that somebody tries to sign in with, normalized
 * @throws 429 with the seconds until the next minute
 */
export const countLogin = (sourceIp: string, account: string, now = Date.now()): Promise<void> =>
  count("logins", sourceIp, [{ most: LOGINS_PER_ADDRESS }, { of: account, most: LOGINS_PER_ACCOUNT }], now);

/** Attempts of strangers at an account in an hour that are not slowed down. */
const FREE_ATTEMPTS = 30;
/** After that, strangers are spread over this many slots, and each slot has one attempt a minute. */
const SLOTS = 8;
const HOUR = 60 * MINUTE;

/**
 * Counts an attempt at an account by a stranger: an address that has never signed in to it. However many addresses
 * somebody has, an account then takes 30 attempts an hour and 8 a minute; passwords that fall to that are refused
 * when they are chosen.
 *
 * This slows strangers down and can't be turned into a lock-out. Addresses that have signed in before are not counted
 * here, and no session ends. A new address of the owner shares its slot with an eighth of all others: one attacker's
 * address takes one slot, and each slot is free again with the next minute.
 *
 * @param account as for `countLogin`; counted likewise when nobody has it, so that nobody learns who does
 * @throws 429 with the seconds until the next minute
 */
export async function countStrangerLogin(sourceIp: string, account: string, now = Date.now()): Promise<void> {
  const seconds = Math.floor(now / 1000);
  const [minute, hour] = [Math.floor(seconds / MINUTE), Math.floor(seconds / HOUR)];
  const slot = Number.parseInt(hash(`${account} ${networkOf(sourceIp)}`).slice(0, 8), 16) % SLOTS;
  const allowed = await commitOne({
    Update: {
      TableName: tableName,
      Key: rateLimitKey("account_logins", hash(account), hour),
      UpdateExpression: "ADD #attempts :one SET #slot = :minute, expires_at_epoch = :expires",
      ConditionExpression:
        "attribute_not_exists(#attempts) OR #attempts < :free OR attribute_not_exists(#slot) OR #slot < :minute",
      ExpressionAttributeNames: { "#attempts": "attempts", "#slot": `slot_${slot}` },
      ExpressionAttributeValues: {
        ":one": 1,
        ":free": FREE_ATTEMPTS,
        ":minute": minute,
        ":expires": (hour + 1) * HOUR + KEPT_SECONDS,
      },
    },
  });
  if (!allowed) throw tooManyRequests((minute + 1) * MINUTE - seconds);
}

/**
 * Counts a call that needs no sign-in but a survey link's token: the page and both public endpoints together.
 *
 * @throws 429 with the seconds until the next minute
 */
export const countSurveyCall = (sourceIp: string, now = Date.now()): Promise<void> =>
  count("survey_calls", sourceIp, [{ most: SURVEY_CALLS_PER_ADDRESS }], now);

/**
 * Counts a call that needs no sign-in but the link of a mailed report: all pages for its recipients together.
 *
 * @throws 429 with the seconds until the next minute
 */
export const countReportCall = (sourceIp: string, now = Date.now()): Promise<void> =>
  count("report_calls", sourceIp, [{ most: REPORT_CALLS_PER_ADDRESS }], now);

/**
 * Counts a call that needs no sign-in but a link to set a password: the page and the endpoint together.
 *
 * @throws 429 with the seconds until the next minute
 */
export const countPasswordCall = (sourceIp: string, now = Date.now()): Promise<void> =>
  count("password_calls", sourceIp, [{ most: PASSWORD_CALLS_PER_ADDRESS }], now);
