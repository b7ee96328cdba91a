import type { Report } from "@success-manager/contract/reports";
import type { StoredReport } from "../../table/index.ts";

/** What answers are made of: lists read no more than this, and nobody reads the secret. */
export const SHOWN = [
  "id",
  "scheduled_report_id",
  "report_name",
  "report_type",
  "filters",
  "date_from",
  "date_to",
  "status",
  "file_path",
  "file_size",
  "error_message",
  "generated_at",
  "created_at",
  "triggered_by",
  "triggered_by_id",
  "attempts",
  "deliveries",
  "due_at",
] as const satisfies readonly (keyof StoredReport)[];

export type ShownRow = Pick<StoredReport, (typeof SHOWN)[number]>;

/**
 * When it is tried again, as far as something waits for that. `due_at` of a report that somebody is at is no promise:
 * it only says when others would step in.
 */
function nextAttempt({ status, deliveries, due_at }: ShownRow): string | null {
  const outcomes = new Set(deliveries.map((delivery) => delivery.status));
  const isMailedAgain = status === "completed" && outcomes.has("failed") && !outcomes.has("pending");
  return status === "failed" || isMailedAgain ? (due_at ?? null) : null;
}

/** A report as the API shows it. */
export const shown = (report: ShownRow): Report => ({
  id: report.id,
  scheduled_report_id: report.scheduled_report_id ?? null,
  report_name: report.report_name,
  report_type: report.report_type,
  filters: report.filters ?? null,
  date_from: report.date_from,
  date_to: report.date_to,
  status: report.status,
  file_path: report.file_path ?? null,
  file_size: report.file_size,
  error_message: report.error_message ?? null,
  generated_at: report.generated_at ?? null,
  created_at: report.created_at,
  triggered_by: report.triggered_by,
  triggered_by_id: report.triggered_by_id ?? null,
  attempts: report.attempts,
  next_attempt_at: nextAttempt(report),
  deliveries: [...report.deliveries],
});
