import { randomUUID } from "node:crypto";
import type { StoredReport } from "@success-manager/domain/table";

/** A report whose file is there, as it is stored. */
export const storedReport = (changes: Partial<StoredReport> = {}): StoredReport => {
  const id = changes.id ?? randomUUID();
  const { created_at = new Date().toISOString() } = changes;
  return {
    id,
    report_name: "Monthly health",
    report_type: "health_summary",
    filters: { min_score: 40 },
    date_from: "2026-01-01",
    date_to: "2026-01-31",
    status: "completed",
    file_path: `reports/2026/02/${id}.pdf`,
    file_size: 12_345,
    has_tables: true,
    generated_at: created_at,
    created_at,
    triggered_by: "Schedule",
    attempts: 1,
    mail_attempts: 1,
    deliveries: [{ recipient: "ada@example.com", status: "sent", sent_at: created_at, error: null }],
    secret: "s".repeat(43),
    revision: 1,
    expires_at_epoch: Math.floor(Date.now() / 1000) + 86_400,
    ...changes,
  };
};

/** Puts reports into the table that this process talks to (`enter` of `cloud.ts`). */
export async function putReports(reports: readonly StoredReport[]): Promise<void> {
  // Loaded late: the domain reads the table's name when it is.
  const { ReportEntity } = await import("@success-manager/domain/table");
  await ReportEntity.put([...reports]).go();
}

/** Puts one; answers its id. */
export async function putReport(changes: Partial<StoredReport> = {}): Promise<string> {
  const report = storedReport(changes);
  await putReports([report]);
  return report.id;
}

/** What the links in a mail end in: to leave its schedule, and to load the file of the report. */
export async function linksOf(schedule: string, report: string, recipient: string) {
  const { ReportEntity, ReportScheduleEntity } = await import("@success-manager/domain/table");
  const { linkToken } = await import("../../packages/domain/src/reports/links.ts");
  const [mailing, mailed] = await Promise.all([
    ReportScheduleEntity.get({ id: schedule }).go(),
    ReportEntity.get({ id: report }).go(),
  ]);
  if (!mailing.data || !mailed.data) throw new Error("There is no such schedule or report");
  return {
    leave: linkToken(mailing.data, recipient, "leave"),
    file: linkToken(mailed.data, recipient, "file"),
  };
}

/** Where calls by such links are counted: tests make more from one address than people do. */
export const manyCalls = "report_calls#";
