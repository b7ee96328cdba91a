import { type Mail, MailFailed, send } from "../../mail/index.ts";
import { ReportScheduleEntity, type StoredReport, type StoredReportSchedule } from "../../table/index.ts";
import { publicOrigin } from "../mail/origin.ts";
import { reportMail } from "../mail/report-mail.ts";
import { delivered, isHeld, mailed, open, released, unsent } from "../states.ts";
import { readFile } from "../store.ts";
import { MAILING_MS, type Means, timeOf } from "./means.ts";
import { save } from "./save.ts";
import { sentenceOf } from "./sentence.ts";

/** How an attempt to mail a report ended. */
export interface Mailed {
  /** As it is stored now; undefined when it belongs to somebody else meanwhile. */
  readonly report: StoredReport | undefined;
  readonly sent: number;
  /** False when the time was up. */
  readonly finished: boolean;
}

type Letter = (recipient: string) => Omit<Mail, "to">;

/** After so many in a row that the mail service did not take, the others are not tried: it is the service. */
const MOST_IN_A_ROW = 3;

async function scheduleOf({ scheduled_report_id: id }: StoredReport) {
  if (id === undefined) return undefined;
  const { data } = await ReportScheduleEntity.get({ id }).go({ consistent: true });
  return data ?? undefined;
}

/** A report that is not mailed to those who are no longer on its schedule; to nobody where that is gone. */
function withoutLeavers(report: StoredReport, schedule: StoredReportSchedule | undefined, now: Date) {
  const wanted = new Set(schedule?.recipients.map((address) => address.toLowerCase()));
  return open(report)
    .filter(({ recipient }) => !wanted.has(recipient.toLowerCase()))
    .reduce(
      (next, { recipient }) =>
        delivered(next, recipient, { status: "left", sent_at: null, error: null }, now),
      report,
    );
}

/** The mails with the file. @throws StoreFailed */
async function letterOf(
  report: StoredReport,
  mailing: StoredReportSchedule,
  made: Uint8Array | undefined,
): Promise<Letter> {
  const pdf = made ?? (await readFile(report.file_path ?? ""));
  return reportMail(report, { pdf, mailing, origin: publicOrigin() });
}

/** Sends one mail. Answers what to note of it, and whether it was the mail service that failed. */
async function sendTo(recipient: string, letter: Letter, { id }: StoredReport, means: Means) {
  try {
    await send({ to: recipient, ...letter(recipient) });
    const sent_at = timeOf(means).toISOString();
    return { outcome: { status: "sent", sent_at, error: null }, isDown: false } as const;
  } catch (error) {
    const isKnown = error instanceof MailFailed;
    // What the mail service says names addresses, which are not for the log.
    if (!isKnown) means.log(id, error);
    const outcome = { status: "failed", sent_at: null, error: sentenceOf(error) } as const;
    return { outcome, isDown: isKnown && error.passing };
  }
}

/**
 * Mails a report that the caller holds to those who have not got it, one after the other, and notes each: whoever
 * dies in between has sent one mail at most that nobody knows of.
 *
 * @param made the file, where it is at hand
 */
export async function mailing(
  report: StoredReport,
  made: Uint8Array | undefined,
  means: Means,
): Promise<Mailed> {
  let sent = 0;
  const left = (stored: StoredReport | undefined, finished = true): Mailed => ({
    report: stored,
    sent,
    finished,
  });
  const end = async (before: StoredReport, tried = before) => {
    const stored = await save(before, mailed(tried, timeOf(means)));
    if (stored && stored.due_at === undefined && open(stored).length > 0) means.givenUp(stored);
    return left(stored);
  };

  const schedule = await scheduleOf(report);
  const staying = withoutLeavers(report, schedule, timeOf(means));
  let held = staying === report ? report : await save(report, staying);
  if (!held) return left(undefined);
  if (!schedule) return end(held);

  let letter: Letter;
  try {
    letter = await letterOf(held, schedule, made);
  } catch (error) {
    means.log(report.id, error);
    return end(held, unsent(held, sentenceOf(error), timeOf(means)));
  }
  let down = 0;
  for (const { recipient } of open(held)) {
    const now = timeOf(means);
    if (!isHeld(held, now)) return left(undefined);
    if (means.remaining() < MAILING_MS) return left(await save(held, released(held, now)), false);
    const { outcome, isDown } = await sendTo(recipient, letter, held, means);
    if (outcome.status === "sent") sent += 1;
    held = await save(held, delivered(held, recipient, outcome, timeOf(means)));
    if (!held) return left(undefined);
    down = isDown ? down + 1 : 0;
    if (down === MOST_IN_A_ROW) return end(held, unsent(held, outcome.error ?? "", timeOf(means)));
  }
  return end(held);
}
