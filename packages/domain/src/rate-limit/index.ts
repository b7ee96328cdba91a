/** How often an address may call, and what a user may spend (decision 22). */
import { createHash } from "node:crypto";
import type { Quota } from "@success-manager/contract/dsl/endpoint";
import { tooManyRequests } from "@success-manager/contract/problem";
import { config } from "../config.ts";
import { commitOne, rateLimitKey, tableName } from "../table/index.ts";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
/** Counters of past minutes may stay this long; the table's TTL removes them. */
const KEPT_SECONDS = 10 * MINUTE;

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

/** A number of an item that grows with a call, and how far it may. */
interface Counter {
  readonly attribute: string;
  readonly by: number;
  readonly most: number;
}

/**
 * Counts a call, in one write: all numbers of an item grow, or none where one would get too large. A call that is
 * refused is not counted.
 *
 * @returns whether it was counted
 */
const countUp = (
  key: ReturnType<typeof rateLimitKey>,
  counters: readonly Counter[],
  expires_at_epoch: number,
): Promise<boolean> =>
  commitOne({
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

/** How far calls of an address may go; of one account alone, or of all. */
interface Limit {
  /** Whose calls are counted apart from others' of the same address; all of the address when absent. */
  readonly of?: string;
  readonly most: number;
}

/**
 * Counts a call of an address: it has one item per kind and minute, each limit is a number in it.
 *
 * @param kind of calls, as the item is named
 * @param sourceIp the gateway's view of the caller's address
 * @throws 429 with the seconds until the next minute when one of the limits is reached
 */
async function count(kind: string, sourceIp: string, limits: readonly Limit[], now: number): Promise<void> {
  const seconds = Math.floor(now / 1000);
  const minute = Math.floor(seconds / MINUTE);
  const counters = limits.map(({ of, most }) => ({
    attribute: of === undefined ? "attempts" : `account_${hash(of)}`,
    ...{ by: 1, most },
  }));
  const key = rateLimitKey(kind, hash(sourceIp), minute);
  if (!(await countUp(key, counters, seconds + KEPT_SECONDS)))
    throw tooManyRequests((minute + 1) * MINUTE - seconds);
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
  const counters = quotas.map((quota) => ({ attribute: quota, by, most: QUOTAS[quota] }));
  const isPossible = counters.every(({ most }) => by <= most);
  if (isPossible && (await countUp(rateLimitKey("quota", user_id, hour), counters, (hour + 2) * HOUR)))
    return;
  const left = (hour + 1) * HOUR - seconds;
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
  const counter = { attribute: "mails", by: mails, most: Number.MAX_SAFE_INTEGER };
  await countUp(rateLimitKey("quota", user_id, hour), [counter], (hour + 2) * HOUR);
}

/** Calls a minute that decision 22 allows. */
const LOGINS_PER_ACCOUNT = 10;
const LOGINS_PER_ADDRESS = 100;
const SURVEY_CALLS_PER_ADDRESS = 120;
const REPORT_CALLS_PER_ADDRESS = 120;

/**
 * Counts a log-in attempt.
 *
 * @param account the address that somebody tries to sign in with, normalized
 * @throws 429 with the seconds until the next minute
 */
export const countLogin = (sourceIp: string, account: string, now = Date.now()): Promise<void> =>
  count("logins", sourceIp, [{ most: LOGINS_PER_ADDRESS }, { of: account, most: LOGINS_PER_ACCOUNT }], now);

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
