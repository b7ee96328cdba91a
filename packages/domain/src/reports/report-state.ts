import { MAY_HAVE_GONE_OUT, type MailEvent, outranks } from "../mail/index.ts";
import {
  commit,
  find,
  getRequest,
  putItem,
  RETRY,
  ReportEntity,
  ReportScheduleEntity,
  type StoredDelivery,
  type StoredReport,
  updateItem,
  type Write,
  withOptimisticRetry,
} from "../table/index.ts";

/**
 * The life of a report, as pure steps from one stored state to the next. `due_at` is all there is to find work by: it
 * says when somebody is to go on. Who goes on moves it ahead first, on the condition that nothing has changed
 * (`revision`), so of many one does; should they die, it is due again by itself.
 */

/** Longer than any single step takes; every step that is stored gives a new one. */
const LEASE_MS = 2 * 60 * 1000;

/** Decision 19. */
export const MAX_ATTEMPTS = 5;

const HOUR_MS = 60 * 60 * 1000;

const later = (now: Date, ms: number) => new Date(now.getTime() + ms).toISOString();

/**
 * 1 h, 2 h, 4 h, 8 h after the first attempts; nothing after the last. The job that tries again comes on the hour:
 * what is due a moment later would wait for another one.
 */
function retryAt(attempts: number, now: Date): string | undefined {
  if (attempts >= MAX_ATTEMPTS) return undefined;
  const at = now.getTime() + HOUR_MS * 2 ** (attempts - 1);
  return new Date(Math.round(at / HOUR_MS) * HOUR_MS).toISOString();
}

/** A state without some of what the one before had. */
const without = (report: StoredReport, ...names: ("due_at" | "error_message")[]): StoredReport => {
  const next = { ...report };
  for (const name of names) delete next[name];
  return next;
};

const withDueAt = (report: StoredReport, due_at: string | undefined): StoredReport =>
  due_at === undefined ? without(report, "due_at") : { ...report, due_at };

/** A mail that may have gone out is not: nothing sends it again by itself. */
const isOpen = ({ status }: StoredDelivery) => status === "pending" || status === "failed";

/** Whether the file is there, and mailing is what is left. */
export const isGenerated = ({ file_path }: StoredReport) => file_path !== undefined;

/** Somebody takes it on. A file that is there is not made again. */
export const claim = (report: StoredReport, now: Date): StoredReport => ({
  ...report,
  ...(isGenerated(report)
    ? { mail_attempts: report.mail_attempts + 1 }
    : { attempts: report.attempts + 1, status: "generating" }),
  due_at: later(now, LEASE_MS),
});

/** Whether who took it on may still go on with it: once the lease has ended, somebody else may have. */
export const ownsLease = ({ due_at }: StoredReport, now: Date) =>
  due_at !== undefined && due_at > now.toISOString();

/** Who took it on has no time left, and gives it to the next one right away: the attempt does not count. */
export const release = (report: StoredReport, now: Date): StoredReport => ({
  ...report,
  ...(isGenerated(report) ? { mail_attempts: report.mail_attempts - 1 } : { attempts: report.attempts - 1 }),
  due_at: now.toISOString(),
});

/** Whether it was taken on as often as it may be, and nobody came back. */
export const isExhausted = (report: StoredReport) =>
  (isGenerated(report) ? report.mail_attempts : report.attempts) >= MAX_ATTEMPTS;

/** The file is in the bucket. Whoever generated it goes on with mailing it, if anybody gets it. */
export function complete(
  report: StoredReport,
  {
    file_path,
    file_size,
    ...about
  }: Required<Pick<StoredReport, "file_path" | "file_size">> &
    Pick<StoredReport, "file_name" | "file_period" | "has_enclosure" | "has_tables" | "fingerprint">,
  now: Date,
): StoredReport {
  const done: StoredReport = {
    ...without(report, "error_message"),
    status: "completed",
    file_path,
    file_size,
    ...about,
    generated_at: now.toISOString(),
  };
  return done.deliveries.some(isOpen)
    ? { ...done, mail_attempts: 1, due_at: later(now, LEASE_MS) }
    : without(done, "due_at");
}

/** It could not be generated. @param sentence why, for a person */
export const fail = (report: StoredReport, sentence: string, now: Date): StoredReport =>
  withDueAt(
    { ...report, status: "failed", error_message: sentence, generated_at: now.toISOString() },
    retryAt(report.attempts, now),
  );

/** What became of the mail to one recipient. */
export const recordDelivery = (
  report: StoredReport,
  recipient: string,
  outcome: Omit<StoredDelivery, "recipient">,
  now: Date,
): StoredReport => ({
  ...report,
  deliveries: report.deliveries.map((one) => (one.recipient === recipient ? { recipient, ...outcome } : one)),
  due_at: later(now, LEASE_MS),
});

/**
 * The mail to one recipient goes out now. Who dies meanwhile leaves it so: nobody sends a second one.
 *
 * @param mail_id by which SES's events find it
 */
export const beginDelivery = (
  report: StoredReport,
  recipient: string,
  mail_id: string,
  now: Date,
): StoredReport =>
  recordDelivery(
    report,
    recipient,
    { status: "unknown", sent_at: null, error: MAY_HAVE_GONE_OUT, mail_id },
    now,
  );

/** Nobody gets it, because it says what the last one said that was mailed. */
export const skipUnchanged = (report: StoredReport, now: Date): StoredReport =>
  undelivered(report).reduce(
    (next, { recipient }) =>
      recordDelivery(next, recipient, { status: "unchanged", sent_at: null, error: null }, now),
    report,
  );

/** Whether nobody was mailed yet, or tried to be. */
export const isUntried = ({ deliveries }: StoredReport): boolean =>
  deliveries.every(({ status }) => status === "pending" || status === "left" || status === "deactivated");

/** Whether somebody got it, or may have. */
export const isMailed = ({ deliveries }: StoredReport): boolean =>
  deliveries.some(({ status }) => status === "sent" || status === "delivered" || status === "unknown");

/** What all of those have in common to whom it was not sent. @param sentence why, for a person */
export const failUndelivered = (report: StoredReport, sentence: string, now: Date): StoredReport =>
  undelivered(report).reduce(
    (next, { recipient }) =>
      recordDelivery(next, recipient, { status: "failed", sent_at: null, error: sentence }, now),
    report,
  );

/** All recipients were tried: those that failed are again later, alone. */
export const finishDelivery = (report: StoredReport, now: Date): StoredReport =>
  withDueAt(report, report.deliveries.some(isOpen) ? retryAt(report.mail_attempts, now) : undefined);

/** Nobody tries it again. @param sentence why, for a person */
export const abandon = (report: StoredReport, sentence: string, now: Date): StoredReport =>
  isGenerated(report)
    ? without(failUndelivered(report, sentence, now), "due_at")
    : without(
        { ...report, status: "failed", error_message: sentence, generated_at: now.toISOString() },
        "due_at",
      );

/** Whether somebody may be at it right now. A later attempt is due after more than half an hour. */
export const isHeld = (report: StoredReport, now: Date) =>
  ownsLease(report, now) && !ownsLease(report, new Date(now.getTime() + LEASE_MS));

const SENDABLE_AGAIN: ReadonlySet<string> = new Set(["unknown", "soft_bounced", "bounced", "suppressed"]);

/** Whether a person may have it mailed once more to this recipient: it has not arrived, or nobody knows. */
export const isSendableAgain = ({ status }: StoredDelivery) => SENDABLE_AGAIN.has(status);

/** A person wants it mailed again to whom it has not reached, as far as anybody knows; with attempts of its own. */
export const sendAgain = (report: StoredReport, now: Date): StoredReport => ({
  ...report,
  mail_attempts: 0,
  deliveries: report.deliveries.map((one) => {
    if (!isSendableAgain(one)) return one;
    const { recipient, mail_id, status } = one;
    // Word of a mail that may have gone out can still come; then no second one is sent.
    const known = status === "unknown" && mail_id !== undefined ? { mail_id } : {};
    return { recipient, status: "pending", sent_at: null, error: null, ...known };
  }),
  due_at: now.toISOString(),
});

/** What SES tells of a mail to a recipient. @returns undefined when that is no news, or about another mail */
export function settle(
  report: StoredReport,
  event: Pick<MailEvent, "status" | "sent_at" | "message_id" | "error">,
  mail_id: string,
): Pick<StoredReport, "deliveries" | "mail_events"> | undefined {
  const delivery = report.deliveries.find((one) => one.mail_id === mail_id);
  if (!delivery || !outranks(event.status, delivery.status)) return undefined;
  const { status, sent_at, message_id, error } = event;
  const settled = { recipient: delivery.recipient, status, sent_at, error, mail_id, message_id };
  return {
    deliveries: report.deliveries.map((one) => (one === delivery ? settled : one)),
    mail_events: (report.mail_events ?? 0) + 1,
  };
}

/**
 * A next state over what SES has told since its author read the report: what an event says stays where it is further
 * along, and where the author was only about to send.
 */
export function withEvents(next: StoredReport, read: StoredReport, stored: StoredReport): StoredReport {
  const of = (report: StoredReport, recipient: string) =>
    report.deliveries.find((one) => one.recipient === recipient);
  const deliveries = next.deliveries.map((mine) => {
    const theirs = of(stored, mine.recipient);
    if (!theirs || theirs.status === of(read, mine.recipient)?.status) return mine;
    const isFurther =
      theirs.mail_id === mine.mail_id
        ? outranks(theirs.status, mine.status)
        : mine.status === "pending" || mine.status === "unknown";
    return isFurther ? theirs : mine;
  });
  return { ...next, deliveries, mail_events: stored.mail_events };
}

/** Whom it is still to be sent to. */
export const undelivered = ({ deliveries }: StoredReport) => deliveries.filter(isOpen);

const write = (before: StoredReport, after: StoredReport): Write =>
  putItem(
    ReportEntity.put(after).where(({ revision, mail_events }, { eq, notExists }) =>
      [
        eq(revision, before.revision),
        before.mail_events === undefined ? notExists(mail_events) : eq(mail_events, before.mail_events),
      ].join(" AND "),
    ),
  );

/** More events of one report hardly come while one write is tried. */
const MAX_REBASES = 20;

/**
 * Replaces a report by its next state, on the condition that nobody else has. Answers what is stored now; undefined
 * when somebody was faster, to whom it belongs then. A transaction, because the database knows one that comes again
 * after a lost answer: nobody loses a report to themselves. Nor to SES's events: what they have told since the report
 * was read is taken over.
 */
export async function save(before: StoredReport, next: StoredReport): Promise<StoredReport | undefined> {
  let read = before;
  let after: StoredReport = { ...next, revision: before.revision + 1 };
  for (let n = 0; n < MAX_REBASES; n++) {
    if ((await commit([write(read, after)])).length === 0) return after;
    const stored = await find(getRequest(ReportEntity, before.id));
    if (stored?.revision !== before.revision || stored.mail_events === read.mail_events) return undefined;
    after = withEvents(after, read, stored);
    read = stored;
  }
  return undefined;
}

/**
 * Notes what SES tells of a mail. Doing it again changes nothing.
 *
 * @returns whether that is news; false also for a report that is gone
 * @throws 409 when others keep changing the report
 */
export const settleDelivery = (id: string, mail_id: string, event: MailEvent): Promise<boolean> =>
  withOptimisticRetry(async () => {
    const report = await find(getRequest(ReportEntity, id));
    const settled = report && settle(report, event, mail_id);
    if (!settled) return false;
    const written = await commit([
      updateItem(
        ReportEntity.patch({ id })
          .set(settled)
          .where(({ revision, mail_events }, { eq, notExists }) =>
            [
              eq(revision, report.revision),
              report.mail_events === undefined ? notExists(mail_events) : eq(mail_events, report.mail_events),
            ].join(" AND "),
          ),
      ),
    ]);
    return written.length === 0 ? true : RETRY;
  });

/** Notes with a schedule what the last report said that was mailed; one that is gone needs no note. */
export async function noteMailed({ scheduled_report_id: id, fingerprint }: StoredReport): Promise<void> {
  if (id === undefined || fingerprint === undefined) return;
  await commit([
    updateItem(ReportScheduleEntity.patch({ id }).set({ last_mailed: fingerprint }).add({ revision: 1 })),
  ]);
}

/** The same, for a report whose file is there: its schedule, if there still is one, tells when that was. */
export async function saveGenerated(
  before: StoredReport,
  next: StoredReport,
): Promise<StoredReport | undefined> {
  const { scheduled_report_id: id, generated_at: last_generated_at } = next;
  if (id === undefined || last_generated_at === undefined) return save(before, next);
  const after = { ...next, revision: before.revision + 1 };
  const noted = ReportScheduleEntity.patch({ id }).set({ last_generated_at }).add({ revision: 1 });
  const failed = await commit([write(before, after), updateItem(noted)]);
  if (failed.length === 0) return after;
  return failed.includes(0) ? undefined : save(before, next);
}
