import { randomBytes, randomUUID } from "node:crypto";
import type { StoredReport } from "../../table/index.ts";

const SECRET_BYTES = 32;

/** How long reports are kept where the stage says nothing else. */
const USUAL_DAYS = 400;
const DAY_S = 24 * 60 * 60;

/** What is known of a report that is asked for; the rest is how all begin. */
type Wanted = Pick<
  StoredReport,
  | "report_name"
  | "report_type"
  | "filters"
  | "date_from"
  | "date_to"
  | "triggered_by"
  | "triggered_by_id"
  | "status"
  | "attempts"
  | "due_at"
> &
  Partial<Pick<StoredReport, "scheduled_report_id">>;

/** As long as the bucket keeps the file (`REPORT_RETENTION_DAYS`). */
const retentionDays = () => Number(process.env.REPORT_RETENTION_DAYS) || USUAL_DAYS;

/** A report that was asked for just now. @param recipients to whom it will be mailed */
export const newReport = (wanted: Wanted, recipients: readonly string[], now: Date): StoredReport => ({
  ...wanted,
  id: randomUUID(),
  file_size: 0,
  created_at: now.toISOString(),
  mail_attempts: 0,
  deliveries: recipients.map((recipient) => ({ recipient, status: "pending", sent_at: null, error: null })),
  secret: randomBytes(SECRET_BYTES).toString("base64url"),
  revision: 1,
  expires_at_epoch: Math.floor(now.getTime() / 1000) + retentionDays() * DAY_S,
});
