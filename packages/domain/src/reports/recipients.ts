/** What the links in a mailed report do, for people who hold nothing but these: unsubscribe, load the file. */

import type { Language } from "@success-manager/contract/vocabulary";
import {
  commitOne,
  emailKey,
  find,
  getRequest,
  omitNull,
  putItem,
  RETRY,
  ReportEntity,
  ReportScheduleEntity,
  type StoredReportSchedule,
  withOptimisticRetry,
} from "../table/index.ts";
import { constantTimeEqual } from "../text.ts";
import { deactivatedAmong } from "../users/index.ts";
import { parseToken, verifyRecipient } from "./links.ts";
import { type ReportFile, reportFileUrl } from "./storage.ts";

/** How the holder of a link stands to a schedule. */
export type SubscriptionStatus =
  | {
      readonly state: "recipient";
      readonly report_name: string;
      readonly recipient: string;
      /** Of the reports; the stage's when absent. */
      readonly language?: Language | undefined;
    }
  | {
      readonly state: "unsubscribed";
      readonly report_name: string;
      readonly language?: Language | undefined;
    }
  /** Nobody's link, or that of a schedule that is gone or of somebody who was taken off it: nothing will come. */
  | { readonly state: "unknown" };

const UNKNOWN: SubscriptionStatus = { state: "unknown" };

/** Twice as many as a schedule has recipients. */
const MAX_UNSUBSCRIBED = 100;

/** Checked where there is no schedule, so that it takes the same work. */
const NOBODY: Pick<StoredReportSchedule, "secret" | "recipients"> & { readonly left?: string[] } = {
  secret: "",
  recipients: [""],
};

function subscriptionStatus(mac: string, schedule: StoredReportSchedule | undefined): SubscriptionStatus {
  const { secret, recipients, left = [] } = schedule ?? NOBODY;
  const recipient = verifyRecipient(mac, secret, recipients, "leave");
  const hasUnsubscribed = left.filter((one) => constantTimeEqual(mac, one)).length > 0;
  if (!schedule) return UNKNOWN;
  const about = { report_name: schedule.report_name, ...omitNull({ language: schedule.language }) };
  if (recipient !== undefined) return { state: "recipient", ...about, recipient };
  return hasUnsubscribed ? { state: "unsubscribed", ...about } : UNKNOWN;
}

async function findSubscription(token: string) {
  const read = parseToken(token);
  if (!read) return undefined;
  const schedule = await find(getRequest(ReportScheduleEntity, read.id));
  return { mac: read.mac, schedule, status: subscriptionStatus(read.mac, schedule) };
}

/** A schedule without one of its recipients. Without any it is paused: nobody would get what it makes. */
export function withoutRecipient(
  schedule: StoredReportSchedule,
  recipient: string,
  mac: string,
  now: Date,
): StoredReportSchedule {
  const { recipients, left = [] } = schedule;
  const others = recipients.filter((one) => emailKey(one) !== emailKey(recipient));
  return {
    ...schedule,
    recipients: others,
    left: [...left.filter((one) => one !== mac), mac].slice(-MAX_UNSUBSCRIBED),
    is_active: schedule.is_active && others.length > 0,
    updated_at: now.toISOString(),
    revision: schedule.revision + 1,
  };
}

/** How the holder of a link stands to its schedule. */
export const getSubscription = async (token: string): Promise<SubscriptionStatus> =>
  (await findSubscription(token))?.status ?? UNKNOWN;

/**
 * Takes the holder of a link off its schedule. Doing it again changes nothing; of several who leave at once, each does.
 *
 * @returns how they stand now: never as a recipient
 * @throws 409 when others keep changing the schedule
 */
export const unsubscribe = (token: string, now = new Date()): Promise<SubscriptionStatus> =>
  withOptimisticRetry(async () => {
    const { mac = "", schedule, status = UNKNOWN } = (await findSubscription(token)) ?? {};
    if (!schedule || status.state !== "recipient") return status;
    const next = ReportScheduleEntity.put(withoutRecipient(schedule, status.recipient, mac, now));
    const written = await commitOne(
      putItem(next.where(({ revision }, { eq }) => eq(revision, schedule.revision))),
    );
    if (!written) return RETRY;
    const { report_name, language } = status;
    return { state: "unsubscribed", report_name, ...omitNull({ language }) };
  });

/**
 * Where the file of a mailed report can be loaded for five minutes. Undefined for nobody's link, and for a report that
 * is not kept any more.
 *
 * @throws StorageError as `reportFileUrl`
 */
export async function mailedFileUrl(
  token: string,
  file: ReportFile,
  now = new Date(),
): Promise<string | undefined> {
  const read = parseToken(token);
  if (!read) return undefined;
  const report = await find(getRequest(ReportEntity, read.id));
  const { secret = "", deliveries = [{ recipient: "" }] } = report ?? {};
  const recipients = deliveries.map(({ recipient }) => recipient);
  const holder = verifyRecipient(read.mac, secret, recipients, "file");
  if (!report?.file_path || holder === undefined) return undefined;
  // The table forgets a while after it may.
  if (report.expires_at_epoch * 1000 <= now.getTime()) return undefined;
  // Nor does a user who was deactivated get at what came before.
  if ((await deactivatedAmong([holder])).size > 0) return undefined;
  return (await reportFileUrl(report, file, now))?.url;
}
