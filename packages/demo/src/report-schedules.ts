import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { ReportFrequency, ReportType } from "@success-manager/contract/vocabulary";
import { initialRun } from "@success-manager/domain/reports";
import {
  commitOne,
  putItem,
  ReportScheduleEntity,
  type StoredReportSchedule,
} from "@success-manager/domain/table";
import { admin, type DemoAccount, james, sarah } from "./accounts.ts";
import { daysAfter, startOfDay } from "./dates.ts";
import { demoHash, demoId } from "./random.ts";

/** A report that somebody has scheduled. */
interface DemoSchedule {
  readonly report_name: string;
  readonly report_type: ReportType;
  readonly frequency: ReportFrequency;
  readonly by: DemoAccount;
  readonly recipients: readonly DemoAccount[];
  readonly filters?: ReportFilters;
}

const SCHEDULES: readonly DemoSchedule[] = [
  {
    report_name: "Customer health, every Monday",
    report_type: "health_summary",
    frequency: "weekly",
    by: sarah,
    recipients: [sarah, james],
  },
  {
    report_name: "Satisfaction of the month",
    report_type: "csat_analysis",
    frequency: "monthly",
    by: admin,
    recipients: [admin, sarah],
  },
  {
    report_name: "Quarterly review for the board",
    report_type: "executive_summary",
    frequency: "quarterly",
    by: admin,
    recipients: [admin],
  },
  {
    report_name: "Renewals ahead",
    report_type: "customer_overview",
    frequency: "daily",
    by: james,
    recipients: [james],
    filters: { days_to_renewal: 90, sections: ["profile", "renewals"] },
  },
  {
    report_name: "Customer base of the month",
    report_type: "customer_overview",
    frequency: "monthly",
    by: sarah,
    recipients: [admin, sarah, james],
  },
];

/** How long ago they were set up. */
const SET_UP_DAYS = 120;

function toStoredSchedule(
  schedule: DemoSchedule,
  userId: (email: string) => string,
  now: Date,
): StoredReportSchedule {
  const { report_name, report_type, frequency, by, recipients, filters } = schedule;
  const created_at = daysAfter(startOfDay(now), -SET_UP_DAYS).toISOString();
  return {
    id: demoId("report_schedule", report_name),
    report_name,
    report_type,
    frequency,
    recipients: recipients.map(({ email }) => email),
    ...(filters && { filters }),
    ...initialRun(frequency, {}, now),
    is_active: true,
    created_by: by.full_name,
    created_by_id: userId(by.email),
    created_at,
    updated_at: created_at,
    secret: demoHash("report_schedule", report_name).toString("base64url"),
    revision: 1,
  };
}

/** Writes the schedules that are missing; they run when decision 19 says. Returns how many are new. */
export async function writeSchedules(now: Date, userId: (email: string) => string): Promise<number> {
  const written = await Promise.all(
    SCHEDULES.map((schedule) =>
      commitOne(putItem(ReportScheduleEntity.create(toStoredSchedule(schedule, userId, now)))),
    ),
  );
  return written.filter(Boolean).length;
}
