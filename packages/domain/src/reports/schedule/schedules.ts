import { randomBytes, randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { conflict, notFound, Problem, preconditionFailed } from "@success-manager/contract/problem";
import { validateFilters } from "@success-manager/contract/report-filters";
import type {
  NewReportSchedule,
  ReportSchedule,
  ReportScheduleChanges,
} from "@success-manager/contract/report-schedules";
import {
  batchGet,
  CustomerEntity,
  commit,
  deleteItem,
  getRequest,
  omitNull,
  putItem,
  RETRY,
  ReportScheduleEntity,
  type StoredReportSchedule,
  withOptimisticRetry,
} from "../../table/index.ts";
import { changed, timingIn } from "./changed.ts";
import { firstRun } from "./first-run.ts";
import { shown } from "./shown.ts";

export { list } from "./list.ts";

const SECRET_BYTES = 32;

async function stored(id: string): Promise<StoredReportSchedule> {
  const { data } = await ReportScheduleEntity.get({ id }).go({ consistent: true });
  if (!data) throw notFound("Scheduled report");
  return data;
}

/** Customers are never deleted: one that is there now is there with every run. */
async function checkCustomer(id: string | undefined): Promise<void> {
  if (id === undefined) return;
  const [customer] = await batchGet(getRequest(CustomerEntity, id));
  if (!customer) throw notFound("Customer");
}

/** Checks that filters are for the type of report; those that are stored may be of another one. */
function checkFilters({ report_type, filters = {} }: StoredReportSchedule): void {
  const errors = validateFilters(report_type, filters).map(({ filter, message: msg }) => ({
    loc: ["body", "filters", filter],
    msg,
    type: "rule",
  }));
  if (errors.length === 0) return;
  const detail = errors.map(({ loc: [, ...path], msg }) => `${path.join(".")}: ${msg}`).join("; ");
  throw new Problem(422, detail, { errors });
}

/**
 * Schedules a report.
 * @param actor is noted as who made it
 * @throws 404 for an unknown customer in the filters
 */
export async function create(
  input: NewReportSchedule,
  actor: Pick<Actor, "id" | "full_name">,
): Promise<ReportSchedule> {
  await checkCustomer(input.filters?.customer_id);
  const { report_name, report_type, frequency, recipients, is_active, filters } = input;
  const { next_scheduled_at: first } = input;
  const now = new Date();
  const at = now.toISOString();
  const schedule: StoredReportSchedule = {
    id: randomUUID(),
    report_name,
    report_type,
    frequency,
    recipients,
    is_active,
    ...omitNull({ filters }),
    ...(first ? { anchor: first, next_scheduled_at: first } : firstRun(frequency, timingIn(input), now)),
    created_by: actor.full_name,
    created_by_id: actor.id,
    created_at: at,
    updated_at: at,
    secret: randomBytes(SECRET_BYTES).toString("base64url"),
    revision: 1,
  };
  // The id is new: a put that the SDK repeats after a lost answer writes the same again.
  await ReportScheduleEntity.put(schedule).go();
  return shown(schedule);
}

/** A schedule. @throws 404 */
export const get = async (id: string): Promise<ReportSchedule> => shown(await stored(id));

/** Recipients may leave until nobody is left; such a schedule is paused and stays so. */
function checkAudience({ is_active, recipients }: StoredReportSchedule): void {
  if (is_active && recipients.length === 0)
    throw conflict("All recipients have left this report. Add one before it goes on.");
}

/**
 * Replaces a schedule by its next version, on the condition that nobody else has. A transaction, because the database
 * knows one that comes again after a lost answer: a toggle must not happen twice.
 */
async function write(before: StoredReportSchedule, after: StoredReportSchedule) {
  checkAudience(after);
  const put = ReportScheduleEntity.put(after).where(({ revision }, { eq }) => eq(revision, before.revision));
  return (await commit([putItem(put)])).length === 0 ? shown(after) : RETRY;
}

/**
 * Changes a schedule; see `changed`.
 * @throws 404, also for a customer in the filters; 409 when nobody would get it; 412 when `ifMatch` is outdated; 422 when the filters are not for
 * the type of report
 */
export const update = (id: string, input: ReportScheduleChanges, ifMatch?: number): Promise<ReportSchedule> =>
  withOptimisticRetry(async () => {
    const before = await stored(id);
    if (ifMatch !== undefined && before.revision !== ifMatch) throw preconditionFailed();
    const after = changed(before, input, new Date());
    checkFilters(after);
    if (after.filters?.customer_id !== before.filters?.customer_id)
      await checkCustomer(after.filters?.customer_id);
    return write(before, after);
  });

/** Pauses a schedule, or goes on with it: not with what was missed meanwhile. @throws 404; 409 when nobody would get it */
export const toggle = (id: string): Promise<ReportSchedule> =>
  withOptimisticRetry(async () => {
    const before = await stored(id);
    return write(before, changed(before, { is_active: !before.is_active }, new Date()));
  });

/** Deletes a schedule; the reports that came of it stay. @throws 404, also when it is gone already */
export async function remove(id: string): Promise<{ message: string }> {
  const gone = await commit([
    deleteItem(ReportScheduleEntity.delete({ id }).where((attributes, { exists }) => exists(attributes.id))),
  ]);
  if (gone.length > 0) throw notFound("Scheduled report");
  return { message: "The scheduled report was deleted." };
}
