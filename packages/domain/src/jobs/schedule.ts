import { Cron } from "croner";

/**
 * When a job runs next after a moment, as the schedules of AWS do: a time that the clock leaves out in spring is left
 * out (EventBridge Scheduler User Guide, "Daylight savings time").
 *
 * @param cron five fields: minutes, hours, day, month, weekday
 */
export function nextRun(cron: string, timezone: string, after: Date): Date | undefined {
  const times = new Cron(cron, { timezone, paused: true });
  // Croner moves such a time into the following hour; the clock changes twice a year.
  return times.nextRuns(2, after).find((time) => times.match(time));
}
