import { DAY_MS } from "../../calendar.ts";
import type { StoredReportSchedule } from "../../table/index.ts";
import { nextRun } from "../schedule/next-run.ts";

/** Longer than any period. */
const LONG_MS = 100 * DAY_MS;

/**
 * The newest run of a schedule that has become due. Where several were missed, it is that one which is caught up on:
 * a report about last month, not about the one in which nobody came.
 */
export function lastDue(
  {
    frequency,
    anchor,
    next_scheduled_at,
  }: Pick<StoredReportSchedule, "frequency" | "anchor" | "next_scheduled_at">,
  now: Date,
): string {
  const until = now.toISOString();
  const after = (run: string) => nextRun(frequency, anchor, new Date(run));
  let due = next_scheduled_at;
  const newer = after(new Date(now.getTime() - LONG_MS).toISOString());
  if (newer > due && newer <= until) due = newer;
  for (let next = after(due); next > due && next <= until; next = after(due)) due = next;
  return due;
}
