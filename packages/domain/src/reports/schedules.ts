import { randomBytes, randomUUID } from "node:crypto";
import type { Actor } from "@success-manager/contract/dsl/endpoint";
import {
  conflict,
  type IfMatch,
  Problem,
  requireMatch,
  unprocessable,
} from "@success-manager/contract/problem";
import { validateFilters } from "@success-manager/contract/report-filters";
import type {
  NewReportSchedule,
  ReportSchedule,
  ReportScheduleChanges,
} from "@success-manager/contract/report-schedules";
import { loadSettings } from "../settings/index.ts";
import {
  CustomerEntity,
  commit,
  commitOne,
  deleteItem,
  getOrThrow,
  getRequest,
  isScoped,
  notForScope,
  omitNull,
  putItem,
  RETRY,
  ReportScheduleEntity,
  type StoredReportSchedule,
  withOptimisticRetry,
} from "../table/index.ts";
import { ALL_LEFT, toReportSchedules } from "./schedule-list.ts";
import { initialRun, isPastRun, nextRun, type Timing, timingOf } from "./schedule-times.ts";

export { list } from "./schedule-list.ts";

const SECRET_BYTES = 32;

async function toReportSchedule(schedule: StoredReportSchedule): Promise<ReportSchedule> {
  const [shown] = await toReportSchedules([schedule]);
  if (!shown) throw new Error("A schedule is missing");
  return shown;
}

const load = (id: string): Promise<StoredReportSchedule> =>
  getOrThrow(getRequest(ReportScheduleEntity, id), "Scheduled report");

/** Customers are never deleted: one that is there now is there with every run. */
export async function checkCustomer(id: string | undefined): Promise<void> {
  if (id !== undefined) await getOrThrow(getRequest(CustomerEntity, id), "Customer");
}

/**
 * Checks that filters are for the type of report; those that are stored may be of another one.
 *
 * @throws 422; 403 for a report about all customers, of who sees some
 */
function checkFilters({
  report_type,
  filters = {},
}: Pick<StoredReportSchedule, "report_type" | "filters">): void {
  if (report_type === "score_backtest" && isScoped()) throw notForScope();
  const errors = validateFilters(report_type, filters).map(({ filter, message: msg }) => ({
    loc: ["body", "filters", filter],
    msg,
    type: "rule",
  }));
  if (errors.length === 0) return;
  const detail = errors.map(({ loc: [, ...path], msg }) => `${path.join(".")}: ${msg}`).join("; ");
  throw new Problem(422, detail, { errors });
}

/** Who is named, else who the settings name. @throws 422 when that is nobody */
async function recipientsOf({ recipients }: Pick<NewReportSchedule, "recipients">): Promise<string[]> {
  const named = recipients?.length ? recipients : (await loadSettings("reports")).default_recipients;
  if (named.length === 0) throw unprocessable("recipients", "must not be empty");
  return named;
}

/**
 * Schedules a report.
 * @param actor is noted as who made it
 * @throws 404 for an unknown customer in the filters; 422 when neither the schedule nor the settings name recipients
 */
export async function create(
  input: NewReportSchedule,
  actor: Pick<Actor, "id" | "full_name">,
): Promise<ReportSchedule> {
  const { report_name, report_type, frequency, is_active } = input;
  const filters = input.customer_id ? { ...input.filters, customer_id: input.customer_id } : input.filters;
  checkFilters({ report_type, ...omitNull({ filters }) });
  await checkCustomer(filters?.customer_id);
  const { next_scheduled_at: first } = input;
  const recipients = await recipientsOf(input);
  const now = new Date();
  const at = now.toISOString();
  const schedule: StoredReportSchedule = {
    id: randomUUID(),
    report_name,
    report_type,
    frequency,
    recipients,
    is_active,
    skip_unchanged: input.skip_unchanged,
    attach_csv: input.attach_csv,
    ...omitNull({ filters, language: input.language }),
    ...(first
      ? { anchor: first, next_scheduled_at: first }
      : initialRun(frequency, timingChange(input), now)),
    created_by: actor.full_name,
    created_by_id: actor.id,
    ...(isScoped() && { is_narrowed: true }),
    created_at: at,
    updated_at: at,
    secret: randomBytes(SECRET_BYTES).toString("base64url"),
    revision: 1,
  };
  // The id is new: a put that the SDK repeats after a lost answer writes the same again.
  const answer = await toReportSchedule(schedule);
  await commitOne(putItem(ReportScheduleEntity.put(schedule)), { answer });
  return answer;
}

/** A schedule. @throws 404 */
export const get = async (id: string): Promise<ReportSchedule> => toReportSchedule(await load(id));

/** Recipients may leave until nobody is left; such a schedule is paused and stays so. */
function checkAudience({ is_active, recipients }: StoredReportSchedule): void {
  if (is_active && recipients.length === 0) throw conflict(ALL_LEFT);
}

/**
 * Replaces a schedule by its next version, on the condition that nobody else has. A transaction, because the database
 * knows one that comes again after a lost answer: a toggle must not happen twice.
 */
async function write(before: StoredReportSchedule, after: StoredReportSchedule) {
  checkAudience(after);
  const put = ReportScheduleEntity.put(after).where(({ revision }, { eq }) => eq(revision, before.revision));
  return (await commit([putItem(put)])).length === 0 ? toReportSchedule(after) : RETRY;
}

/**
 * Changes a schedule; see `changed`.
 * @throws 404, also for a customer in the filters; 409 when nobody would get it; 412 when `ifMatch` is outdated; 422 when the filters are not for
 * the type of report
 */
export const update = (
  id: string,
  input: ReportScheduleChanges,
  ifMatch?: IfMatch,
): Promise<ReportSchedule> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    const after = applyChanges(before, input, new Date());
    checkFilters(after);
    if (after.filters?.customer_id !== before.filters?.customer_id)
      await checkCustomer(after.filters?.customer_id);
    return write(before, after);
  });

/**
 * Pauses a schedule, or goes on with it: not with what was missed meanwhile.
 * @throws 404; 409 when nobody would get it; 412 when `ifMatch` is outdated
 */
export const toggle = (id: string, ifMatch?: IfMatch): Promise<ReportSchedule> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    return write(before, applyChanges(before, { is_active: !before.is_active }, new Date()));
  });

/**
 * Deletes a schedule; the reports that came of it stay.
 * @throws 404, also when it is gone already; 412 when `ifMatch` is outdated
 */
export const remove = (id: string, ifMatch?: IfMatch): Promise<{ message: string }> =>
  withOptimisticRetry(async () => {
    const before = await load(id);
    requireMatch(before.revision, ifMatch);
    const failed = await commit([
      deleteItem(
        ReportScheduleEntity.delete({ id }).where(({ revision }, { eq }) => eq(revision, before.revision)),
      ),
    ]);
    return failed.length === 0 ? { message: "The scheduled report was deleted." } : RETRY;
  });

/** What a person says about when; null says nothing. */
export const timingChange = ({
  time,
  day_of_week,
  day_of_month,
  quarter_month,
}: Pick<NewReportSchedule, keyof Timing>): Timing =>
  omitNull<Required<Timing>>({ time, day_of_week, day_of_month, quarter_month });

type Runs = Pick<StoredReportSchedule, "anchor" | "next_scheduled_at">;

/** Whether something that is sent along is not what it was: forms send all their fields. */
function isRetimed(before: StoredReportSchedule, { frequency, ...timing }: ReportScheduleChanges): boolean {
  if (frequency !== undefined && frequency !== before.frequency) return true;
  // What the frequency has no use for does not count.
  const known = timingOf(before.frequency, before.anchor);
  return (["time", "day_of_week", "day_of_month", "quarter_month"] as const).some(
    (name) => known[name] !== null && (timing[name] ?? known[name]) !== known[name],
  );
}

/** When it runs after a change. */
function runsAfter(before: StoredReportSchedule, input: ReportScheduleChanges, now: Date): Runs {
  const { anchor, next_scheduled_at } = before;
  const { frequency = before.frequency } = input;
  const given = input.next_scheduled_at;
  if (given !== undefined && given !== next_scheduled_at && !isPastRun(before, given))
    return { anchor: given, next_scheduled_at: given };
  if (isRetimed(before, input))
    return initialRun(
      frequency,
      { ...timingChange(timingOf(before.frequency, anchor)), ...timingChange(input) },
      now,
    );
  const resumed = input.is_active === true && !before.is_active;
  if (resumed && next_scheduled_at <= now.toISOString())
    return { anchor, next_scheduled_at: nextRun(frequency, anchor, now) };
  return { anchor, next_scheduled_at };
}

/**
 * The filters after a change. A customer beside them is taken where it is another one than before: forms send all that
 * a schedule shows.
 *
 * @throws 422 when it contradicts the one in the filters
 */
function filtersAfter(
  { filters: kept }: StoredReportSchedule,
  { filters: given, customer_id }: ReportScheduleChanges,
) {
  const filters = given === undefined ? kept : given;
  if (customer_id === undefined || (customer_id ?? undefined) === kept?.customer_id) return filters;
  if (customer_id === null) {
    const { customer_id: _, ...others } = filters ?? {};
    return given === undefined ? others : filters;
  }
  if (given?.customer_id !== undefined && given.customer_id !== customer_id)
    throw unprocessable("customer_id", "must not be another one than filters.customer_id");
  return { ...filters, customer_id };
}

/**
 * A schedule after a change: absent keys stay, null clears the filters or the language (decision 9). Another frequency or time of
 * running counts from now; a schedule that is taken up again after its next run does not catch up on it. A next run
 * that is named goes before both, also when it has passed; the one that is stored already says nothing, nor does one
 * that the schedule had before a run.
 */
export function applyChanges(
  before: StoredReportSchedule,
  input: ReportScheduleChanges,
  now: Date,
): StoredReportSchedule {
  const { report_name, report_type, frequency, recipients, is_active, skip_unchanged, attach_csv } = input;
  const { filters: _, language: former, ...unfiltered } = before;
  return {
    ...unfiltered,
    ...omitNull({ report_name, report_type, frequency, recipients, is_active, skip_unchanged, attach_csv }),
    ...omitNull({ filters: filtersAfter(before, input) }),
    ...omitNull({ language: input.language === undefined ? former : input.language }),
    ...runsAfter(before, input, now),
    updated_at: now.toISOString(),
    revision: before.revision + 1,
  };
}
