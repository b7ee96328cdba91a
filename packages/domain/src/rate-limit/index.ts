/** How often an address may call, and what a user may spend (decision 22). */
import { createHash } from "node:crypto";
import { isIPv6 } from "node:net";
import type { Quota } from "@success-manager/contract/dsl/endpoint";
import { type Problem, tooManyRequests } from "@success-manager/contract/problem";
import { config } from "../config.ts";
import { commitOne, countOne, rateLimitKey, tableName, type Write } from "../table/index.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
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

/** A limit that a request has met, for the answer's headers (draft-ietf-httpapi-ratelimit-headers-11). */
export interface MetLimit {
  /** How many there may be in the window. */
  readonly quota: number;
  /** The window, in seconds. */
  readonly window: number;
  /** How many are left; undefined where they were counted together with something else, which tells no numbers. */
  readonly remaining: number | undefined;
  /** Seconds until they are whole again. */
  readonly reset: number;
}

/** Those of a function's current request, by their names: a function has one at a time. */
let met = new Map<string, MetLimit>();

/** Takes the limits that were met since it was asked last. */
export function takeLimits(): ReadonlyMap<string, MetLimit> {
  const taken = met;
  met = new Map();
  return taken;
}

/** A number of an item that grows with a call, and how far it may. */
interface Counter {
  /** As callers read it. */
  readonly name: string;
  readonly attribute: string;
  readonly by: number;
  readonly most: number;
}

/**
 * What counts a call: all numbers of an item grow, or none where one would get too large; then its condition fails, and
 * the call is refused.
 */
const counting = (
  key: ReturnType<typeof rateLimitKey>,
  counters: readonly Counter[],
  expires_at_epoch: number,
): Write => ({
  Update: {
    TableName: tableName,
    Key: key,
    UpdateExpression: `ADD ${counters.map((_, n) => `#c${n} :by${n}`).join(", ")} SET expires_at_epoch = :expires`,
    ConditionExpression: counters
      .map((_, n) => `(attribute_not_exists(#c${n}) OR #c${n} <= :most${n})`)
      .join(" AND "),
    ExpressionAttributeNames: Object.fromEntries(counters.map(({ attribute }, n) => [`#c${n}`, attribute])),
    ExpressionAttributeValues: {
      ":expires": expires_at_epoch,
      ...Object.fromEntries(
        counters.flatMap(({ by, most }, n) => [
          [`:by${n}`, by],
          [`:most${n}`, most - by],
        ]),
      ),
    },
  },
});

/** Of a window of so many seconds. */
interface Window {
  readonly window: number;
  readonly reset: number;
}

/** Counts, and notes what is left of each limit. @returns false when one of them is reached; then nothing is counted */
async function count(
  write: Write,
  counters: readonly Counter[],
  { window, reset }: Window,
): Promise<boolean> {
  const { isCounted, numbers } = await countOne(write);
  for (const { name, attribute, most } of counters) {
    const remaining = Math.max(0, most - (numbers.get(attribute) ?? 0));
    met.set(name, { quota: most, window, remaining, reset });
  }
  return isCounted;
}

/** A call of an address that is still to be counted: by itself, or in the transaction of what it does. */
export interface UncountedCall {
  /** Counts it. Its condition fails when a limit is reached; then nothing is counted. */
  readonly write: Write;
  /** Why it is refused: 429 with the seconds until the next window. */
  readonly refusal: () => Problem;
  /** Counts it by itself. @returns false when a limit is reached */
  readonly count: () => Promise<boolean>;
}

/** Counts a call by itself. @throws its refusal when a limit is reached */
export async function countCall({ count, refusal }: UncountedCall): Promise<void> {
  if (!(await count())) throw refusal();
}

/** How far calls of an address may go; of one account alone, or of all. */
interface Limit {
  /** As callers read it. */
  readonly name: string;
  /** Whose calls are counted apart from others' of the same address; all of the address when absent. */
  readonly of?: string;
  readonly most: number;
}

/**
 * A call of an address: it has one item per kind and minute, each limit is a number in it.
 *
 * @param kind of calls, as the item is named
 * @param sourceIp the gateway's view of the caller's address, or what else is counted like one
 */
function callOf(kind: string, sourceIp: string, limits: readonly Limit[], now: number): UncountedCall {
  const seconds = Math.floor(now / 1000);
  const minute = Math.floor(seconds / MINUTE);
  const counters = limits.map(({ name, of, most }) => ({
    name,
    attribute: of === undefined ? "attempts" : `account_${hash(of)}`,
    ...{ by: 1, most },
  }));
  const write = counting(rateLimitKey(kind, addressHash(sourceIp), minute), counters, seconds + KEPT_SECONDS);
  return uncounted(write, counters, { window: MINUTE, reset: (minute + 1) * MINUTE - seconds });
}

/** A call that `write` counts. */
function uncounted(write: Write, counters: readonly Counter[], of: Window): UncountedCall {
  const note = (remaining: number | undefined) => {
    for (const { name, most } of counters) met.set(name, { quota: most, remaining, ...of });
  };
  // As long as nobody has counted it by itself.
  note(undefined);
  return {
    write,
    count: () => count(write, counters, of),
    refusal: () => {
      if (![...met.values()].some(({ remaining }) => remaining === 0)) note(0);
      return tooManyRequests(of.reset);
    },
  };
}

/** What people are told who have used up a quota. */
const QUOTA_WORDS: Readonly<Record<Quota, string>> = {
  reports: "reports that one person may generate",
  mails: "mails that one person may send",
  jobs: "jobs that one person may start",
};

/**
 * Spends from a user's quotas of the hour, in one write; nothing where one of them is used up.
 *
 * @param by how much of each
 * @throws 429 with the seconds until the next hour
 */
export async function spend(
  user_id: string,
  quotas: readonly Quota[],
  { by = 1, now = Date.now() }: { readonly by?: number; readonly now?: number } = {},
): Promise<void> {
  const { QUOTAS } = config();
  const seconds = Math.floor(now / 1000);
  const hour = Math.floor(seconds / HOUR);
  const counters = quotas.map((quota) => ({ name: quota, attribute: quota, by, most: QUOTAS[quota] }));
  const isPossible = counters.every(({ most }) => by <= most);
  const write = counting(rateLimitKey("quota", user_id, hour), counters, (hour + 2) * HOUR);
  const left = (hour + 1) * HOUR - seconds;
  // What asks for more than there ever is, is counted by nobody.
  for (const { name, most } of counters)
    met.set(name, { quota: most, window: HOUR, remaining: undefined, reset: left });
  if (isPossible && (await count(write, counters, { window: HOUR, reset: left }))) return;
  const limits = quotas.map((quota) => `${QUOTAS[quota]} ${QUOTA_WORDS[quota]}`).join(", or the ");
  const minutes = Math.ceil(left / MINUTE);
  throw tooManyRequests(
    left,
    `You have used up the ${limits} in an hour. Try again in ${minutes === 1 ? "a minute" : `${minutes} minutes`}.`,
  );
}

/** Counts mails that have been sent for a user already: the next call finds the quota smaller. */
export async function countMails(user_id: string, mails: number, now = Date.now()): Promise<void> {
  if (mails <= 0) return;
  const hour = Math.floor(now / 1000 / HOUR);
  const counter = { name: "mails", attribute: "mails", by: mails, most: Number.MAX_SAFE_INTEGER };
  await commitOne(counting(rateLimitKey("quota", user_id, hour), [counter], (hour + 2) * HOUR));
}

/** Calls a minute that decision 22 allows. */
const LOGINS_PER_ACCOUNT = 10;
const LOGINS_PER_ADDRESS = 100;
/** Two for each log-in: a hundred people of an office behind one address. */
const OIDC_CALLS_PER_ADDRESS = 200;
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
  countCall(
    callOf(
      "logins",
      sourceIp,
      [
        { name: "logins-of-address", most: LOGINS_PER_ADDRESS },
        { name: "logins", of: account, most: LOGINS_PER_ACCOUNT },
      ],
      now,
    ),
  );

/** Attempts of strangers at an account in an hour that are not slowed down. */
const FREE_ATTEMPTS = 30;
/** After that, strangers are spread over this many slots, and each slot has one attempt a minute. */
const SLOTS = 8;

/**
 * Counts an attempt at an account by a stranger: an address that has never signed in to it. However many addresses
 * somebody has, an account then takes 30 attempts an hour and 8 a minute; passwords that fall to that are refused
 * when they are chosen.
 *
 * This slows strangers down and can't be turned into a lock-out. Addresses that have signed in before are not counted
 * here, nor are devices that have, and no session ends. A new address of the owner shares its slot with an eighth of all others: one attacker's
 * address takes one slot, each slot is free again with the next minute, and who shares it is drawn anew. So an
 * attacker with one address keeps a new one of the owner waiting for a minute in eight.
 *
 * @param account as for `countLogin`; counted likewise when nobody has it, so that nobody learns who does
 * @throws 429 with the seconds until the next minute
 */
export async function countStrangerLogin(sourceIp: string, account: string, now = Date.now()): Promise<void> {
  const seconds = Math.floor(now / 1000);
  const [minute, hour] = [Math.floor(seconds / MINUTE), Math.floor(seconds / HOUR)];
  const slot = Number.parseInt(hash(`${account} ${networkOf(sourceIp)} ${minute}`).slice(0, 8), 16) % SLOTS;
  const { isCounted } = await countOne({
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
  const reset = (minute + 1) * MINUTE - seconds;
  if (isCounted) return;
  // Under the name that everybody reads: whether somebody is a stranger to an account, only a refusal tells.
  met.set("logins", { quota: LOGINS_PER_ACCOUNT, window: MINUTE, remaining: 0, reset });
  throw tooManyRequests(reset);
}

/**
 * Counts an attempt at an account by a device that has signed in to it before, from an address that has not: from all
 * addresses together as many as from one. So whoever stole its token guesses no faster.
 *
 * @throws 429 with the seconds until the next minute
 */
export async function countDeviceLogin(session_id: string, now = Date.now()): Promise<void> {
  const before = new Map(met);
  const limit = { name: "logins", most: LOGINS_PER_ACCOUNT };
  await countCall(callOf("device_logins", session_id, [limit], now));
  // Whether a device is known, only a refusal tells.
  met = before;
}

/**
 * Counts a step of a log-in with a provider that asks the provider or the table: the way back, and the exchange.
 *
 * @throws 429 with the seconds until the next minute
 */
export const countOidcCall = (sourceIp: string, now = Date.now()): Promise<void> =>
  countCall(callOf("oidc_calls", sourceIp, [{ name: "provider-logins", most: OIDC_CALLS_PER_ADDRESS }], now));

/** A call that needs no sign-in but a survey link's token: the page and the public endpoints together. */
export const surveyCall = (sourceIp: string, now = Date.now()): UncountedCall =>
  callOf("survey_calls", sourceIp, [{ name: "surveys", most: SURVEY_CALLS_PER_ADDRESS }], now);

/** Counts such a call by itself. @throws 429 with the seconds until the next minute */
export const countSurveyCall = (sourceIp: string, now = Date.now()): Promise<void> =>
  countCall(surveyCall(sourceIp, now));

/**
 * Counts a call that needs no sign-in but the link of a mailed report: all pages for its recipients together.
 *
 * @throws 429 with the seconds until the next minute
 */
export const countReportCall = (sourceIp: string, now = Date.now()): Promise<void> =>
  countCall(
    callOf("report_calls", sourceIp, [{ name: "report-links", most: REPORT_CALLS_PER_ADDRESS }], now),
  );

/** Links that one address may ask for, for one account, in a minute. */
const RESETS_PER_ACCOUNT = 3;

/**
 * A call that needs no sign-in but a link to set a password, or asks for one: the pages and the endpoints together.
 *
 * @param account the address whose password somebody has forgotten, normalized; counted likewise when nobody has it
 */
export const passwordCall = (sourceIp: string, account?: string, now = Date.now()): UncountedCall =>
  callOf(
    "password_calls",
    sourceIp,
    [
      { name: "password-links", most: PASSWORD_CALLS_PER_ADDRESS },
      ...(account === undefined ? [] : [{ name: "password-resets", of: account, most: RESETS_PER_ACCOUNT }]),
    ],
    now,
  );

/** Counts such a call by itself. @throws 429 with the seconds until the next minute */
export const countPasswordCall = (sourceIp: string, now = Date.now()): Promise<void> =>
  countCall(passwordCall(sourceIp, undefined, now));

/** Mails to reset the password of an account in an hour. */
const RESET_MAILS = 5;

/**
 * Counts a mail to reset the password of an account. Its condition fails when there were enough in this hour: nobody's
 * mailbox is flooded. That locks nobody out, because links are good for an hour: whoever gets no further one has one
 * that still works, until more are sent.
 */
export function resetMailCount(account: string, now = Date.now()): Write {
  const hour = Math.floor(now / 1000 / HOUR);
  const counter = { name: "reset-mails", attribute: "mails", by: 1, most: RESET_MAILS };
  return counting(rateLimitKey("reset_mails", hash(account), hour), [counter], (hour + 2) * HOUR);
}

/** Codes of a second factor in an hour. */
const CODES = 10;

/**
 * An attempt at a code of a user's second factor. A code is one of a million and three are good at a time: strangers
 * have ten attempts an hour together, however many addresses and passwords they have. Where its owner has signed in
 * before, at an address or in a session, attempts are counted apart: strangers lock nobody out there.
 *
 * @param by the caller's address when it is known, `own` in a session
 */
export function codeAttempt(
  user_id: string,
  by: { readonly sourceIp: string } | "own" | "stranger",
  now = Date.now(),
): UncountedCall {
  const seconds = Math.floor(now / 1000);
  const hour = Math.floor(seconds / HOUR);
  const attribute = typeof by === "string" ? by : `address_${addressHash(by.sourceIp)}`;
  const counters = [{ name: "codes", attribute, by: 1, most: CODES }];
  const write = counting(rateLimitKey("second_factor_codes", user_id, hour), counters, (hour + 2) * HOUR);
  return uncounted(write, counters, { window: HOUR, reset: (hour + 1) * HOUR - seconds });
}

/** Counts such an attempt by itself. @throws 429 with the seconds until the next hour */
export const countCodeAttempt = (...attempt: Parameters<typeof codeAttempt>): Promise<void> =>
  countCall(codeAttempt(...attempt));

/** Each takes a second of a CPU to draw. */
const UPLOADS_PER_USER = 10;

/** Counts an upload of a picture. @throws 429 with the seconds until the next minute */
export const countUpload = (user_id: string, now = Date.now()): Promise<void> =>
  countCall(callOf("uploads", user_id, [{ name: "uploads", most: UPLOADS_PER_USER }], now));
