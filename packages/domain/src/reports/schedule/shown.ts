import type { ReportSchedule } from "@success-manager/contract/report-schedules";
import type { StoredReportSchedule } from "../../table/index.ts";
import { timingOf } from "./first-run.ts";

/** What answers are made of: lists read no more than this, and nobody reads the secret. */
export const SHOWN = [
  "id",
  "report_name",
  "report_type",
  "frequency",
  "recipients",
  "filters",
  "anchor",
  "next_scheduled_at",
  "is_active",
  "last_generated_at",
  "created_by",
  "created_by_id",
  "created_at",
  "updated_at",
  "revision",
] as const satisfies readonly (keyof StoredReportSchedule)[];

export type ShownRow = Pick<StoredReportSchedule, (typeof SHOWN)[number]>;

/** A schedule as the API shows it. */
export const shown = (row: ShownRow): ReportSchedule => ({
  id: row.id,
  report_name: row.report_name,
  report_type: row.report_type,
  frequency: row.frequency,
  recipients: row.recipients,
  filters: row.filters ?? null,
  next_scheduled_at: row.next_scheduled_at,
  is_active: row.is_active,
  last_generated_at: row.last_generated_at ?? null,
  ...timingOf(row.frequency, row.anchor),
  customer_id: row.filters?.customer_id ?? null,
  created_by: row.created_by,
  created_by_id: row.created_by_id,
  created_at: row.created_at,
  updated_at: row.updated_at,
  name: row.report_name,
  last_generated: row.last_generated_at ?? null,
  next_scheduled: row.next_scheduled_at,
  revision: row.revision,
});
