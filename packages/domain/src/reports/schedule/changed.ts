import type { NewReportSchedule, ReportScheduleChanges } from "@success-manager/contract/report-schedules";
import { omitNull, type StoredReportSchedule } from "../../table/index.ts";
import { firstRun, type Timing, timingOf } from "./first-run.ts";
import { nextRun } from "./next-run.ts";

/** What a person says about when; null says nothing. */
export const timingIn = ({
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
  if (given !== undefined && given !== next_scheduled_at) return { anchor: given, next_scheduled_at: given };
  if (isRetimed(before, input))
    return firstRun(frequency, { ...timingIn(timingOf(before.frequency, anchor)), ...timingIn(input) }, now);
  const resumed = input.is_active === true && !before.is_active;
  if (resumed && next_scheduled_at <= now.toISOString())
    return { anchor, next_scheduled_at: nextRun(frequency, anchor, now) };
  return { anchor, next_scheduled_at };
}

/**
 * A schedule after a change: absent keys stay, null clears the filters (decision 9). Another frequency or time of
 * running counts from now; a schedule that is taken up again after its next run does not catch up on it. A next run
 * that is named goes before both, also when it has passed; the one that is stored already says nothing.
 */
export function changed(
  before: StoredReportSchedule,
  input: ReportScheduleChanges,
  now: Date,
): StoredReportSchedule {
  const { report_name, report_type, frequency, recipients, filters, is_active } = input;
  const { filters: kept, ...unfiltered } = before;
  return {
    ...unfiltered,
    ...omitNull({ report_name, report_type, frequency, recipients, is_active }),
    ...omitNull({ filters: filters === undefined ? kept : filters }),
    ...runsAfter(before, input, now),
    updated_at: now.toISOString(),
    revision: before.revision + 1,
  };
}
