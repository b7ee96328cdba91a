/** Reminders of surveys: by hand (`requests.ts`), and one by itself after some days without an answer. */
import { randomUUID } from "node:crypto";
import { conflict, type IfMatch, Problem, requireMatch } from "@success-manager/contract/problem";
import { DAYS_UNTIL_REMINDER } from "@success-manager/contract/survey-requests";
import { DAY_MS } from "../calendar.ts";
import { config } from "../config.ts";
import { isUnreached } from "../counters/index.ts";
import { defineJob, type JobInvocation, type Progress } from "../jobs/index.ts";
import { newReminderToken } from "../link-token.ts";
import { type MailOutcome, type MailRequest, Suppressions, trySending } from "../mail/index.ts";
import {
  CustomerEntity,
  commit,
  find,
  getOrThrow,
  getRequest,
  MAX_KEY,
  partitions,
  query,
  RETRY,
  type StoredCustomer,
  type StoredSurveyLink,
  SurveyLinkEntity,
  updateItem,
  withOptimisticRetry,
} from "../table/index.ts";
import { hasLeft, mailOf, newMail, surveyUrl } from "./links.ts";
import { linkStatus } from "./public.ts";

/** What is thrown when a link is not to be reminded of. */
type Check = (link: StoredSurveyLink) => asserts link is StoredSurveyLink & { sent_to: string };

/** What became of a reminder. */
interface Reminded {
  readonly mailed: MailOutcome;
  /** As it is stored now. */
  readonly link: StoredSurveyLink;
  readonly customer: StoredCustomer | undefined;
}

/**
 * Mails a reminder. As nobody knows the token of the first mail any more, it brings a token of its own; both open the
 * same survey, which is answered once. The reminder is noted before it is sent, on the revision that was checked: of
 * many who come at once, people or runs of the job, one sends a mail. One that failed is taken back, and one that may
 * have gone out counts.
 *
 * @param check looks at the link as it is stored, again after each lost race
 * @throws 404; 409 when the customer has left; 412; what `check` throws
 */
export async function sendReminder(
  id: string,
  { origin, remaining }: MailRequest,
  check: Check,
  now: Date,
  ifMatch?: IfMatch,
): Promise<Reminded> {
  const load = () => getOrThrow(getRequest(SurveyLinkEntity, id), "Survey request");
  const { token, token_hash } = newReminderToken(id);
  const mail_id = randomUUID();
  const { before, to, noted, customer } = await withOptimisticRetry(async () => {
    const link: StoredSurveyLink = await load();
    requireMatch(link.revision, ifMatch);
    check(link);
    const customer = await find(getRequest(CustomerEntity, link.customer_id));
    if (customer?.status === "churned") throw hasLeft(customer.id);
    const noted = await change(link, {
      reminder_count: (link.reminder_count ?? 0) + 1,
      last_reminder_at: now.toISOString(),
      reminder_hashes: [...(link.reminder_hashes ?? []), token_hash],
      ...newMail(mail_id),
      message_id: undefined,
    });
    return noted === RETRY ? RETRY : { before: link, to: link.sent_to, noted, customer };
  });
  const mail = await mailOf(before, surveyUrl(origin, token), before.sent_at ?? before.created_at);
  const tag = { kind: "survey", subject: id, mail_id } as const;
  const mailed = await trySending({ to, ...mail, tag }, remaining);
  const isUnsent = mailed.mail_status === "failed" || mailed.mail_status === "suppressed";
  const outcome = isUnsent ? undoneOf(before) : mailedOf(before, mailed, now);
  let current: StoredSurveyLink | undefined = noted;
  const after = await withOptimisticRetry(async () => {
    const link = current ?? (await load());
    // Somebody may have opened or answered it meanwhile.
    current = undefined;
    // SES has told more than we know, or of a newer mail.
    if (link.mail_id !== mail_id || link.mail_status !== "unknown") return link;
    return change(link, outcome);
  });
  return { mailed, link: after, customer };
}

/** The mail that was sent, or may have been; it is the first one when all before failed. */
const mailedOf = (before: StoredSurveyLink, mailed: MailOutcome, now: Date): LinkChange => ({
  mail_error: undefined,
  message_id: undefined,
  ...mailed,
  sent_at: before.sent_at ?? (mailed.mail_status === "sent" ? now.toISOString() : undefined),
});

/** As it was before a reminder that was not sent. Its token stays: nobody has it, unless the mail went out after all. */
const undoneOf = (before: StoredSurveyLink): LinkChange => ({
  mail_id: before.mail_id,
  mail_status: before.mail_status,
  mail_error: before.mail_error,
  message_id: before.message_id,
  reminder_count: before.reminder_count ?? 0,
  last_reminder_at: before.last_reminder_at,
});

type LinkChange = Partial<
  Pick<
    StoredSurveyLink,
    | "mail_id"
    | "mail_status"
    | "mail_error"
    | "message_id"
    | "sent_at"
    | "reminder_count"
    | "last_reminder_at"
    | "reminder_hashes"
  >
>;

/** Changes a link on the condition that it is still what was read; undefined removes. Answers the link as it is then. */
async function change(link: StoredSurveyLink, changes: LinkChange): Promise<StoredSurveyLink | typeof RETRY> {
  const { id, revision } = link;
  const set = Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== undefined));
  const removed = (Object.keys(changes) as (keyof LinkChange)[]).filter(
    (name) => changes[name] === undefined,
  );
  // A transaction, so that a write that the SDK repeats after a lost answer is no other one that was faster.
  const failed = await commit([
    updateItem(
      SurveyLinkEntity.patch({ id })
        .set(set)
        .remove(removed)
        .add({ revision: 1 })
        .where((attributes, { eq }) => eq(attributes.revision, revision)),
    ),
  ]);
  return failed.length === 0 ? { ...link, ...changes, revision: revision + 1 } : RETRY;
}

/** For how many days a reminder is made up for that no run has sent. After that it would only surprise. */
const DAYS_OVERDUE = 3;
/** What a mail needs at most: time to be sent, and to note what became of it. */
const MAIL_MS = 40_000;
/** After so many in a row that the mail service did not take, the others wait for the next run: it is the service. */
const MAX_CONSECUTIVE_FAILURES = 3;

type Candidate = Pick<
  StoredSurveyLink,
  | "id"
  | "customer_id"
  | "sent_to"
  | "sent_at"
  | "created_at"
  | "expires_at"
  | "answered_at"
  | "revoked_at"
  | "mail_status"
  | "reminder_count"
>;

const FIELDS = [
  "id",
  "customer_id",
  "sent_to",
  "sent_at",
  "created_at",
  "expires_at",
  "answered_at",
  "revoked_at",
  "mail_status",
  "reminder_count",
] as const satisfies readonly (keyof Candidate)[];

const daysBefore = (now: Date, days: number) => new Date(now.getTime() - days * DAY_MS).toISOString();

/**
 * Whether a link is to be reminded of by itself: it was mailed some days ago, can still be answered, and nobody was
 * reminded of it. Who never got the first mail is not.
 */
function isDue<L extends Candidate>(link: L, now: Date): link is L & { sent_to: string } {
  const { sent_to, sent_at, created_at, mail_status, reminder_count = 0 } = link;
  return (
    sent_to !== undefined &&
    reminder_count === 0 &&
    mail_status !== undefined &&
    !isUnreached(mail_status) &&
    (sent_at ?? created_at) <= daysBefore(now, DAYS_UNTIL_REMINDER) &&
    linkStatus(link, now) === "open"
  );
}

/** Links that were made long enough ago and lately enough, oldest first. The index may lag: the write decides. */
async function* candidates(now: Date): AsyncGenerator<Candidate & { sent_to: string }> {
  const made = {
    partition: partitions.type("survey_link"),
    from: daysBefore(now, DAYS_UNTIL_REMINDER + DAYS_OVERDUE),
    to: `${daysBefore(now, DAYS_UNTIL_REMINDER)}${MAX_KEY}`,
    fields: FIELDS,
  };
  for await (const { items } of query<Candidate>(made))
    for (const link of items) if (isDue(link, now)) yield link;
}

interface RemindersProgress extends Progress {
  readonly reminded: number;
  readonly failed: number;
}

/** Reminds of one link unless that is not wanted any more. Undefined when it is not. */
async function remindOf(
  { id, sent_to }: Candidate & { sent_to: string },
  now: Date,
  request: MailRequest,
): Promise<MailOutcome | undefined> {
  if ((await Suppressions.findRefusal(sent_to, "survey")) !== undefined) return undefined;
  const check: Check = (link) => {
    if (!isDue(link, now)) throw conflict("There is nothing to remind of any more.");
  };
  try {
    return (await sendReminder(id, request, check, new Date())).mailed;
  } catch (error) {
    // Answered, withdrawn, reminded of by somebody else, or the customer has left.
    if (error instanceof Problem && (error.status === 409 || error.status === 404)) return undefined;
    throw error;
  }
}

/** Sends the reminders that are due, until the time is up. */
async function remindAll(
  now: Date,
  from: RemindersProgress,
  { remaining, log }: JobInvocation,
): Promise<RemindersProgress> {
  const { PUBLIC_URL, GATEWAY_URL } = config();
  const origin = PUBLIC_URL ?? GATEWAY_URL;
  if (origin === undefined) throw new Error("Nobody has said where people reach the survey page");
  let { reminded, failed } = from;
  let failures = 0;
  for await (const link of candidates(now)) {
    if (remaining() < MAIL_MS) return { reminded, failed, finished: false };
    try {
      const mailed = await remindOf(link, now, { origin, remaining });
      if (mailed?.mail_status === "failed") throw new Error(mailed.mail_error);
      if (mailed && mailed.mail_status !== "suppressed") {
        reminded += 1;
        failures = 0;
      }
    } catch (error) {
      log(link.id, error);
      failed += 1;
      failures += 1;
      if (failures === MAX_CONSECUTIVE_FAILURES) break;
    }
  }
  return { reminded, failed, finished: true };
}

/**
 * The hourly job. That a link is reminded of once does not hang on this job's lock but on the link's own revision, and
 * on its count of reminders: whoever is reminded by hand is not reminded by itself.
 */
export const surveyReminders = defineJob<RemindersProgress>({
  id: "survey_reminders",
  subject: "survey_link",
  start: { reminded: 0, failed: 0, finished: false },
  run: (now, from, context) => remindAll(now, from, context),
  counts: ({ reminded, failed }) => ({ reminded, failed }),
  busy: "Reminders are being sent right now.",
});
