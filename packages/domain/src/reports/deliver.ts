import { randomUUID } from "node:crypto";
import { MailError, type Message, send, UNREACHABLE } from "../mail/index.ts";
import { loadSettings } from "../settings/index.ts";
import {
  emailKey,
  find,
  getRequest,
  ReportScheduleEntity,
  type StoredReport,
  type StoredReportSchedule,
} from "../table/index.ts";
import { deactivatedAmong } from "../users/index.ts";
import { currentTime, DELIVERY_MS, errorMessage, type ReportContext } from "./context.ts";
import { publicOrigin, reportMail } from "./mail.ts";
import {
  beginDelivery,
  failUndelivered,
  finishDelivery,
  isMailed,
  isUntried,
  noteMailed,
  ownsLease,
  recordDelivery,
  release,
  save,
  skipUnchanged,
  undelivered,
} from "./report-state.ts";
import { type Enclosure, readEnclosure, readFile } from "./storage.ts";

/** How an attempt to mail a report ended. */
export interface DeliveryResult {
  /** As it is stored now; undefined when it belongs to somebody else meanwhile. */
  readonly report: StoredReport | undefined;
  readonly sent: number;
  /** Mails that may have gone out: the mail service did not say. */
  readonly unknown: number;
  /** False when the time was up. */
  readonly finished: boolean;
}

type MailTo = (recipient: string) => Message;

/** After so many in a row that the mail service did not take, the others are not tried: it is the service. */
const MAX_CONSECUTIVE_FAILURES = 3;

async function findSchedule({ scheduled_report_id: id }: StoredReport) {
  if (id === undefined) return undefined;
  return find(getRequest(ReportScheduleEntity, id));
}

/**
 * A report that is not mailed to those who are no longer on its schedule, to nobody where that is gone, and to no
 * user who was deactivated.
 */
async function withoutLeavers(report: StoredReport, schedule: StoredReportSchedule | undefined, now: Date) {
  const wanted = new Set(schedule?.recipients.map(emailKey));
  const waiting = undelivered(report).map(({ recipient }) => recipient);
  const deactivated = await deactivatedAmong(waiting);
  const statusOf = (recipient: string) => {
    if (!wanted.has(emailKey(recipient))) return "left";
    return deactivated.has(emailKey(recipient)) ? "deactivated" : undefined;
  };
  return waiting.reduce((next, recipient) => {
    const status = statusOf(recipient);
    return status ? recordDelivery(next, recipient, { status, sent_at: null, error: null }, now) : next;
  }, report);
}

/** What a mail brings: the file, and what it says itself. */
export interface ReportFiles {
  readonly pdf: Uint8Array;
  readonly enclosure: Enclosure | undefined;
}

/** The mails with the file. @throws StorageError */
async function loadMail(
  report: StoredReport,
  mailing: StoredReportSchedule,
  made: ReportFiles | undefined,
): Promise<MailTo> {
  const [pdf, enclosure, branding] = await Promise.all([
    made?.pdf ?? readFile(report.file_path ?? ""),
    made ? made.enclosure : readEnclosure(report),
    loadSettings("reports"),
  ]);
  return reportMail(report, { pdf, enclosure, mailing, origin: publicOrigin(), branding });
}

/** Whether a schedule skips this report: it says what the last one said that was mailed. */
const isSkipped = (report: StoredReport, { skip_unchanged, last_mailed }: StoredReportSchedule): boolean =>
  skip_unchanged === true &&
  report.fingerprint !== undefined &&
  report.fingerprint === last_mailed &&
  // What a person wants to be sent again is sent.
  isUntried(report);

/** Sends one mail. Answers what to note of it, and whether it was the mail service that failed. */
async function sendTo(
  recipient: string,
  mail_id: string,
  mailTo: MailTo,
  { id }: StoredReport,
  context: ReportContext,
) {
  try {
    const tag = { kind: "report", subject: id, mail_id } as const;
    const message_id = await send({ to: recipient, ...mailTo(recipient), tag }, context.remaining);
    const sent_at = currentTime(context).toISOString();
    const sent = {
      status: "sent",
      sent_at,
      error: null,
      mail_id,
      ...(message_id && { message_id }),
    } as const;
    return { outcome: sent, isDown: false } as const;
  } catch (error) {
    const isKnown = error instanceof MailError;
    // What the mail service says names addresses, which are not for the log.
    if (!isKnown) context.log(id, error);
    const status = isKnown ? error.status : "failed";
    // Of a mail that was surely not sent no word comes.
    const noted = status === "unknown" ? { mail_id } : {};
    const outcome = { status, sent_at: null, error: errorMessage(error), ...noted } as const;
    return { outcome, isDown: isKnown && (error.retryable || status === "unknown") };
  }
}

/**
 * Mails a report that the caller holds to those who have not got it, one after the other. Each is noted as `unknown`
 * before, together with what became of the one before it: so each gets one mail at most, whoever dies in between.
 *
 * @param made the file and what the mail says, where they are at hand
 */
export async function deliver(
  report: StoredReport,
  made: ReportFiles | undefined,
  context: ReportContext,
): Promise<DeliveryResult> {
  let sent = 0;
  let unknown = 0;
  const result = (stored: StoredReport | undefined, finished = true): DeliveryResult => ({
    report: stored,
    sent,
    unknown,
    finished,
  });
  const schedule = await findSchedule(report);
  const end = async (before: StoredReport, tried = before) => {
    const stored = await save(before, finishDelivery(tried, currentTime(context)));
    if (stored && schedule?.skip_unchanged && isMailed(stored)) await noteMailed(stored);
    if (stored && stored.due_at === undefined && undelivered(stored).length > 0) context.onAbandoned(stored);
    return result(stored);
  };

  const staying = await withoutLeavers(report, schedule, currentTime(context));
  let held = staying === report ? report : await save(report, staying);
  if (!held) return result(undefined);
  if (!schedule || undelivered(held).length === 0) return end(held);
  if (isSkipped(held, schedule)) return end(held, skipUnchanged(held, currentTime(context)));

  let mailTo: MailTo;
  try {
    mailTo = await loadMail(held, schedule, made);
  } catch (error) {
    context.log(report.id, error);
    return end(held, failUndelivered(held, errorMessage(error), currentTime(context)));
  }
  let down = 0;
  let next = held;
  for (const { recipient } of undelivered(held)) {
    const now = currentTime(context);
    if (!ownsLease(held, now)) return result(undefined);
    if (context.remaining() < DELIVERY_MS) return result(await save(held, release(next, now)), false);
    const mail_id = randomUUID();
    held = await save(held, beginDelivery(next, recipient, mail_id, now));
    if (!held) return result(undefined);
    next = held;
    // Word has come that an earlier mail, which may have gone out, did.
    if (!held.deliveries.some((one) => one.mail_id === mail_id)) continue;
    const { outcome, isDown } = await sendTo(recipient, mail_id, mailTo, held, context);
    if (outcome.status === "sent") sent += 1;
    if (outcome.status === "unknown") unknown += 1;
    next = recordDelivery(held, recipient, outcome, currentTime(context));
    down = isDown ? down + 1 : 0;
    if (down === MAX_CONSECUTIVE_FAILURES) {
      const sentence = outcome.status === "unknown" ? UNREACHABLE : (outcome.error ?? "");
      return end(held, failUndelivered(next, sentence, currentTime(context)));
    }
  }
  return end(held, next);
}
