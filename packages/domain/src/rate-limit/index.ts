/** How often an address may call (decision 22). */
import { createHash } from "node:crypto";
import { tooManyRequests } from "@success-manager/contract/problem";
import { commitOne, rateLimitKey, tableName } from "../table/index.ts";

const MINUTE = 60;
/** Counters of past minutes may stay this long; the table's TTL removes them. */
const KEPT_SECONDS = 10 * MINUTE;

const hash = (text: string) => createHash("sha256").update(text).digest("hex").slice(0, 32);

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
      Key: rateLimitKey(kind, hash(sourceIp), minute),
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
