import {
  commit,
  MAX_KEY,
  partitions,
  putItem,
  query,
  RETRY,
  ReportEntity,
  ReportScheduleEntity,
  type StoredReport,
  type StoredReportSchedule,
  withOptimisticRetry,
} from "../../table/index.ts";
import { periodBefore } from "../period.ts";
import { nextRun } from "../schedule/next-run.ts";
import { lastDue } from "./last-due.ts";
import { type Means, type Trigger, timeOf } from "./means.ts";
import { newReport } from "./new-report.ts";

/** How many entries of the index a request looks at: each becomes work for seconds. */
const AT_ONCE = 50;

type Item = Record<string, unknown>;

/** Items of a kind that are due, soonest first. The index may lag behind: what a write decides is true. */
async function* entries(kind: "report" | "report_schedule", until: Date): AsyncGenerator<Item> {
  const due = { partition: partitions.dueDate(kind), to: `${until.toISOString()}#${MAX_KEY}` };
  for await (const { items } of query<Item>(due, { pageSize: AT_ONCE })) yield* items;
}

const isDue = ({ is_active, next_scheduled_at }: StoredReportSchedule, now: Date) =>
  is_active && next_scheduled_at <= now.toISOString();

/** The report that a schedule asks for, and the schedule as it goes on. */
function reportOf(schedule: StoredReportSchedule, by: Trigger, now: Date, due_at: string): StoredReport {
  const { id, report_name, report_type, frequency, filters, recipients } = schedule;
  const period = periodBefore(frequency, filters ?? {}, new Date(lastDue(schedule, now)));
  const wanted = { report_name, report_type, filters, ...period, ...by, scheduled_report_id: id };
  return newReport({ ...wanted, status: "pending", attempts: 0, due_at }, recipients, new Date(due_at));
}

/**
 * Makes the report of a schedule that is due: the report and the schedule's next run are one transaction, so of many
 * who come at once one makes it. Undefined when somebody else has.
 *
 * @param now by which it is due
 * @throws 409 when others keep changing the schedule
 */
export function takeUp(
  known: StoredReportSchedule,
  by: Trigger,
  now: Date,
  at: Date,
): Promise<StoredReport | undefined> {
  let schedule: StoredReportSchedule | null = known;
  return withOptimisticRetry(async () => {
    schedule ??= (await ReportScheduleEntity.get({ id: known.id }).go({ consistent: true })).data;
    if (!schedule || !isDue(schedule, now)) return undefined;
    const { frequency, anchor, revision } = schedule;
    const report = reportOf(schedule, by, now, at.toISOString());
    const next_scheduled_at = nextRun(frequency, anchor, now);
    const next = ReportScheduleEntity.put({ ...schedule, next_scheduled_at, revision: revision + 1 });
    const failed = await commit([
      putItem(ReportEntity.create(report)),
      putItem(next.where((stored, { eq }) => eq(stored.revision, revision))),
    ]);
    if (failed.length === 0) return report;
    // Somebody has taken it up, or changed something else about it: only the table itself knows.
    schedule = null;
    return RETRY;
  });
}

/** Something that is due; what it is about, and the report to go on with, unless somebody else has it meanwhile. */
export interface Due {
  readonly id: string;
  readonly report_name: string;
  take(): Promise<StoredReport | undefined>;
}

/**
 * What is to be worked on now: schedules that are due, whose reports are made when they are taken, then reports that
 * wait for another attempt, or whose worker died.
 *
 * @param until by when schedules are due
 */
export async function* dueReports(by: Trigger, until: Date, means: Means): AsyncGenerator<Due> {
  for await (const Item of entries("report_schedule", until)) {
    const { data } = ReportScheduleEntity.parse({ Item });
    if (data) yield { ...data, take: () => takeUp(data, by, until, timeOf(means)) };
  }
  for await (const Item of entries("report", timeOf(means))) {
    const { data } = ReportEntity.parse({ Item });
    if (data) yield { ...data, take: async () => data };
  }
}
