import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { notFound } from "@success-manager/contract/problem";
import type { NewReport, Report } from "@success-manager/contract/report-history";
import { invokeJob } from "../../jobs/index.ts";
import {
  batchGet,
  CustomerEntity,
  commit,
  getRequest,
  putItem,
  ReportEntity,
  type StoredReport,
} from "../../table/index.ts";
import { titleOf } from "../content/titles.ts";
import { shown } from "../history/shown.ts";
import { periodOf } from "../period.ts";
import { claimed } from "../states.ts";
import { work } from "./go-on.ts";
import { SCHEDULED_REPORTS } from "./job.ts";
import { GENERATING_MS, type Means, timeOf } from "./means.ts";
import { newReport } from "./new-report.ts";

/** Before there is a report: nobody would try one again whose customer nobody knows. */
async function checkCustomer(id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const [customer] = await batchGet(getRequest(CustomerEntity, id));
  if (!customer) throw notFound("Customer");
}

const asked = (
  { report_type, filters }: NewReport,
  { id, full_name }: Pick<Actor, "id" | "full_name">,
  now: Date,
): StoredReport =>
  newReport(
    {
      report_name: titleOf(report_type),
      report_type,
      ...(Object.keys(filters).length > 0 && { filters }),
      ...periodOf(filters, now),
      triggered_by: full_name,
      triggered_by_id: id,
      status: "generating",
      attempts: 0,
      due_at: now.toISOString(),
    },
    [],
    now,
  );

/** Leaves a report to the job's function. Where that can't be started, the hourly job finds the report. */
async function leaveToJob(report: StoredReport, means: Means): Promise<void> {
  try {
    await invokeJob({ job: SCHEDULED_REPORTS, scheduled_time: report.created_at, subject_id: report.id });
  } catch (error) {
    means.log(report.id, error);
  }
}

/** As it is stored now, by whomever. */
async function stored(report: StoredReport): Promise<StoredReport> {
  const { data } = await ReportEntity.get({ id: report.id }).go({ consistent: true });
  return data ?? report;
}

/**
 * Generates a report for a person. It is stored before it is begun, so whatever happens, somebody goes on with it: one
 * that fails says why and when it is tried again.
 *
 * @param background answer at once; so it is done, too, when less time is left than it may take
 * @throws 404 for an unknown customer
 */
export async function generate(
  input: NewReport,
  { async: background }: { readonly async: boolean },
  actor: Pick<Actor, "id" | "full_name">,
  means: Means,
): Promise<Report> {
  await checkCustomer(input.filters.customer_id);
  const now = timeOf(means);
  const waiting = asked(input, actor, now);
  const isLeft = background || means.remaining() < GENERATING_MS;
  const report = isLeft ? waiting : claimed(waiting, now);
  // A transaction, because the database knows one that comes again after a lost answer: the job may be at it by then.
  await commit([putItem(ReportEntity.create(report))]);
  if (isLeft) {
    await leaveToJob(report, means);
    return shown(report);
  }
  const done = await work(report, means);
  return shown(done.report ?? (await stored(report)));
}
