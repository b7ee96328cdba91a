import { Problem } from "@success-manager/contract/problem";
import type { Fact } from "@success-manager/pdf/document";
import { dateOf } from "../calendar.ts";
import { config } from "../config.ts";
import {
  type Attachment,
  type Message,
  mailedByMachine,
  sanitizeLine,
  type TeamBranding,
} from "../mail/index.ts";
import type { StoredReport, StoredReportSchedule } from "../table/index.ts";
import { filterSummary } from "./document/filters.ts";
import { formatDate, formatInstant, formatName, formatNumber, formatPeriod } from "./document/format.ts";
import { FORMER_LANGUAGE } from "./document/index.ts";
import { inLanguage, say, spoken } from "./document/words.ts";
import { linkToken } from "./links.ts";
import { renderHtml, renderText, type TemplateData } from "./mail-template.ts";
import { reportTitle } from "./period.ts";
import { type Enclosure, fileName } from "./storage.ts";

/**
 * Files of so many bytes and more do not travel: in base64 they take a third more, and SES takes mails of 10 MB
 * (Developer Guide, "Service quotas").
 */
export const TOO_LARGE_TO_MAIL = 7_000_000;

/** A schedule as far as its mails show it. */
export type Mailing = Pick<StoredReportSchedule, "id" | "secret" | "frequency">;

/** `84 KB`, `8.2 MB` */
function sizeText(bytes: number): string {
  const kilobytes = Math.max(1, Math.round(bytes / 1000));
  return kilobytes < 1000
    ? say("mail.kilobytes", { size: formatNumber(kilobytes) })
    : say("mail.megabytes", { size: formatNumber(bytes / 1_000_000, 1) });
}

/** What it is narrowed down to; nothing is said about a customer who is not there any more. */
async function narrowed({ filters }: StoredReport): Promise<Fact[]> {
  if (!filters) return [];
  try {
    return await filterSummary(filters);
  } catch (error) {
    if (error instanceof Problem) return [];
    throw error;
  }
}

async function factsOf(report: StoredReport): Promise<Fact[]> {
  const { report_name, report_type, generated_at } = report;
  const title = say(`title.${report_type}`);
  return [
    { label: say("fact.period"), value: formatPeriod(report) },
    ...(sanitizeLine(report_name) === reportTitle(report_type)
      ? []
      : [{ label: say("fact.report"), value: title }]),
    ...(await narrowed(report)),
    ...(generated_at ? [{ label: say("fact.generated"), value: formatInstant(new Date(generated_at)) }] : []),
  ];
}

/** Tables as attachments, as many as there is room for beside the PDF. @param used bytes */
function attachedTables(enclosure: Enclosure | undefined, used: number): Attachment[] {
  let room = TOO_LARGE_TO_MAIL - used;
  return (enclosure?.tables ?? []).flatMap(({ filename, content: text }) => {
    const content = new TextEncoder().encode(text);
    if (content.byteLength >= room) return [];
    room -= content.byteLength;
    return [{ filename, contentType: "text/csv", content }];
  });
}

/**
 * The mails that bring a report to its recipients, each with links of their own.
 *
 * @param report that has been generated
 * @param mailing the schedule that it came of, which its recipients can leave; none when that is gone
 * @param origin see `publicOrigin`
 */
export const reportMail = (report: StoredReport, parts: MailParts): Promise<(recipient: string) => Message> =>
  inLanguage(report.language ?? FORMER_LANGUAGE, () => mailInLanguage(report, parts));

/** What mails are made of besides the report. */
interface MailParts {
  readonly pdf: Uint8Array;
  /** What the mail says, and the tables that come along. */
  readonly enclosure?: Enclosure | undefined;
  readonly mailing: Mailing | undefined;
  readonly origin: string | undefined;
  readonly branding: TeamBranding;
}

async function mailInLanguage(
  report: StoredReport,
  { pdf, enclosure, mailing, origin, branding }: MailParts,
): Promise<(recipient: string) => Message> {
  const { report_name, report_type } = report;
  // Who gave it no name of its own gets the one that its language has.
  const name = report_name === reportTitle(report_type) ? say(`title.${report_type}`) : report_name;
  const subject = say("mail.subject", { name: formatName(name), period: formatPeriod(report) });
  const filename = fileName(report);
  const isAttached = pdf.byteLength < TOO_LARGE_TO_MAIL;
  const tables = attachedTables(enclosure, isAttached ? pdf.byteLength : 0);
  const until = formatDate(dateOf(new Date(report.expires_at_epoch * 1000)));
  const said = {
    texts: spoken(),
    kind: say("mail.report", { frequency: mailing?.frequency ?? "none" }),
    name,
    facts: await factsOf(report),
    summary: enclosure?.summary,
    tables: tables.map(({ filename: one }) => one),
  };
  const file = { name: filename, size: sizeText(pdf.byteLength), isAttached };
  const attachments = [
    ...(isAttached ? [{ filename, contentType: "application/pdf", content: pdf }] : []),
    ...tables,
  ];

  return (recipient) => {
    const files = origin && `${origin}/report/${linkToken(report, recipient, "file")}`;
    const href = files && `${files}/file`;
    const leave = origin && mailing && `${origin}/report/${linkToken(mailing, recipient, "leave")}/leave`;
    const letter: TemplateData = {
      ...said,
      allTables: files && report.has_tables ? `${files}/tables` : undefined,
      leave,
      file: { ...file, link: href ? { href, until } : undefined },
    };
    return {
      subject,
      html: renderHtml(letter),
      text: renderText(letter),
      headers: mailedByMachine(leave),
      branding,
      attachments,
    };
  };
}

/**
 * Where the links in mailed reports lead: the origin under which people reach us, such as `https://api.example.com`.
 *
 * That is the stage's `publicUrl`, if it has one, else the gateway's own address, which the functions that mail
 * reports are told (infra/api.ts) because no request brings it along to a job. On one machine it is the local gateway.
 * Undefined only where somebody runs the code without the CDK app; mails have no links then.
 */
export const publicOrigin = (): string | undefined => config().PUBLIC_URL ?? config().GATEWAY_URL;
