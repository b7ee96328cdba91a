import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { ReportDelivery } from "@success-manager/contract/reports";
import { Language, ReportFrequency, ReportStatus, ReportType } from "@success-manager/contract/vocabulary";
import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byDueDate, byId, typeByTime } from "../keys.ts";

/** Reports that come again and again. */
export const ReportScheduleEntity = new Entity(
  {
    model: { service: "success-manager", entity: "report_schedule", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      report_name: { type: "string", required: true },
      report_type: { type: ReportType.options, required: true },
      frequency: { type: ReportFrequency.options, required: true },
      recipients: { type: "list", items: { type: "string" }, required: true },
      filters: { type: CustomAttributeType<ReportFilters>("any") },
      /** An instant whose time of day, weekday or day of the month all runs have; see `reports/schedule-times.ts`. */
      anchor: { type: "string", required: true },
      next_scheduled_at: { type: "string", required: true },
      is_active: { type: "boolean", required: true },
      last_generated_at: { type: "string" },
      /** What `next_scheduled_at` was before the latest run. */
      last_scheduled_at: { type: "string" },
      /** No mail while a report would say the same as the last one that was mailed. */
      skip_unchanged: { type: "boolean" },
      /** The tables come along as CSV. */
      attach_csv: { type: "boolean" },
      /** In which its reports are written; the stage's when absent. */
      language: { type: Language.options },
      /** What the last report that was mailed said; see `fingerprint` of reports. */
      last_mailed: { type: "string" },
      created_by: { type: "string", required: true },
      created_by_id: { type: "string", required: true },
      /** Whether who made it saw some customers only. */
      is_narrowed: { type: "boolean" },
      created_at: { type: "string", required: true },
      updated_at: { type: "string", required: true },
      /** 256 random bits: what the links that recipients leave by are signed with. */
      secret: { type: "string", required: true },
      /** Signatures of those who left, newest last: a link that is used again says that it was. */
      left: { type: "list", items: { type: "string" } },
      revision: { type: "number", required: true },
    },
    indexes: {
      primary: byId("report_schedule", "id"),
      byType: typeByTime("report_schedule", "created_at"),
      byDueDate: byDueDate(
        "report_schedule",
        "next_scheduled_at",
        ({ is_active }: { is_active?: boolean | undefined }) => is_active === true,
      ),
    },
  },
  table,
);
export type StoredReportSchedule = EntityItem<typeof ReportScheduleEntity>;

/** What became of the mail to a recipient, with SES's id of it where it is known. */
export interface StoredDelivery extends ReportDelivery {
  /** Our own id of the newest mail, noted before it goes out: what SES tells of it comes with this (`mail/status.ts`). */
  readonly mail_id?: string | undefined;
  readonly message_id?: string | undefined;
}

/** A report that was asked for, by a person or by a schedule; the history. */
export const ReportEntity = new Entity(
  {
    model: { service: "success-manager", entity: "report", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      scheduled_report_id: { type: "string" },
      report_name: { type: "string", required: true },
      report_type: { type: ReportType.options, required: true },
      filters: { type: CustomAttributeType<ReportFilters>("any") },
      /** In which it is written; English when absent, as all were before there were others. */
      language: { type: Language.options },
      date_from: { type: "string", required: true },
      date_to: { type: "string", required: true },
      status: { type: ReportStatus.options, required: true },
      /** Key of the file in the bucket; present as soon as the file is there. */
      file_path: { type: "string" },
      file_size: { type: "number", required: true },
      /** What the file is called, without its period; present as soon as the file is there. */
      file_name: { type: "string" },
      /** Its period in the same language; absent of files that were made before there were others. */
      file_period: { type: "string" },
      /** Whether what its mail says lies beside the file. */
      has_enclosure: { type: "boolean" },
      /** Whether its tables lie beside the file, as CSV in a ZIP. */
      has_tables: { type: "boolean" },
      /** The same for reports that say the same: SHA-256 of how things stand, and of what happened. */
      fingerprint: { type: "string" },
      /** Of its schedule, when it was asked for. */
      attach_csv: { type: "boolean" },
      error_message: { type: "string" },
      generated_at: { type: "string" },
      created_at: { type: "string", required: true },
      triggered_by: { type: "string", required: true },
      triggered_by_id: { type: "string" },
      /** Whose report it is: who asked for it, or made its schedule. It tells of the customers that they see. */
      owner_id: { type: "string" },
      /** Whether these were not all customers; only then its owner may read it while they see some. */
      is_narrowed: { type: "boolean" },
      /** How often generating it was tried. */
      attempts: { type: "number", required: true },
      /** How often mailing it was tried. */
      mail_attempts: { type: "number", required: true },
      deliveries: { type: CustomAttributeType<readonly StoredDelivery[]>("any"), required: true },
      /** When somebody is to go on with it, as long as something is left to do; see `reports/report-state.ts`. */
      due_at: { type: "string" },
      /** The same for the index, for which ElectroDB wants a value in any case; empty when nothing is left to do. */
      due_key: {
        type: "string",
        hidden: true,
        default: "",
        watch: ["due_at"],
        set: (_?: string, { due_at = "" }: { due_at?: string | undefined } = {}) => due_at,
      },
      /** 256 random bits: what links to the file are signed with. */
      secret: { type: "string", required: true },
      revision: { type: "number", required: true },
      /** How often SES's events changed `deliveries`: apart from `revision`, so that nobody loses a report to them. */
      mail_events: { type: "number" },
      /** The table forgets it when the bucket forgets the file. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: {
      primary: byId("report", "id"),
      byType: typeByTime("report", "created_at"),
      byDueDate: byDueDate(
        "report",
        "due_key",
        ({ due_key = "" }: { due_key?: string | undefined }) => due_key !== "",
      ),
    },
  },
  table,
);
export type StoredReport = EntityItem<typeof ReportEntity>;
