import type { ReportFilters } from "@success-manager/contract/report-filters";
import type { ReportFrequency, ReportType } from "@success-manager/contract/vocabulary";
import { initialRun } from "@success-manager/domain/reports";
import {
  conditionFailed,
  ReportScheduleEntity,
  type StoredReportSchedule,
} from "@success-manager/domain/table";
import { admin, type DemoAccount, james, sarah } from "./accounts.ts";
import { daysAfter, startOfDay } from "./calendar.ts";
import { demoHash, demoId } from "./random.ts";

/** A report that somebody has scheduled. */
interface Scheduled {
  readonly report_name: string;
  readonly report_type: ReportType;
  readonly frequency: ReportFrequency;
  readonly by: DemoAccount;
  readonly recipients: readonly DemoAccount[];
  readonly filters?: ReportFilters;
}

const SCHEDULED: readonly Scheduled[] = [
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

function stored(scheduled: Scheduled, idOf: (email: string) => string, now: Date): StoredReportSchedule {
  const { report_name, report_type, frequency, by, recipients, filters } = scheduled;
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
    created_by_id: idOf(by.email),
    created_at,
    updated_at: created_at,
    secret: demoHash("report_schedule", report_name).toString("base64url"),
    revision: 1,
  };
}

/** True when it was not there before. */
async function write(schedule: StoredReportSchedule): Promise<boolean> {
  try {
    await ReportScheduleEntity.create(schedule).go();
    return true;
  } catch (error) {
    if (conditionFailed(error)) return false;
    throw error;
  }
}

/** Schedules the demo's reports that are missing; they come when decision 19 says. Answers how many are new. */
export async function writeSchedules(now: Date, idOf: (email: string) => string): Promise<number> {
  const written = await Promise.all(SCHEDULED.map((one) => write(stored(one, idOf, now))));
  return written.filter(Boolean).length;
}
