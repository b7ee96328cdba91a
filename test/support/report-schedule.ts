import { randomUUID } from "node:crypto";
import type { StoredReportSchedule } from "@success-manager/domain/table";

const HOUR_MS = 60 * 60 * 1000;

/** An hour ago, to the minute. */
const anHourAgo = () => `${new Date(Date.now() - HOUR_MS).toISOString().slice(0, 16)}:00.000Z`;

/** A schedule that is due, as it is stored: the API takes up none in the past without making it wait. */
export const storedSchedule = (changes: Partial<StoredReportSchedule> = {}): StoredReportSchedule => {
  const { next_scheduled_at = anHourAgo() } = changes;
  return {
    id: randomUUID(),
    report_name: "Health of the week",
    report_type: "health_summary",
    frequency: "daily",
    recipients: ["ada@example.com"],
    anchor: next_scheduled_at,
    next_scheduled_at,
    is_active: true,
    created_by: "Mia",
    created_by_id: randomUUID(),
    created_at: next_scheduled_at,
    updated_at: next_scheduled_at,
    secret: "s".repeat(43),
    revision: 1,
    ...changes,
  };
};

/** Puts one into the table that this process talks to (`enter` of `cloud.ts`). */
export async function putSchedule(
  changes: Partial<StoredReportSchedule> = {},
): Promise<StoredReportSchedule> {
  // Loaded late: the domain reads the table's name when it is.
  const { ReportScheduleEntity } = await import("@success-manager/domain/table");
  const schedule = storedSchedule(changes);
  await ReportScheduleEntity.put(schedule).go();
  return schedule;
}
