import { count } from "./count.ts";

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
