import { Cron, type CronOptions } from "croner";

/** When a schedule fires. Times of `at` are `yyyy-mm-ddThh:mm:ss`. */
export type Timing =
  | { readonly kind: "cron"; readonly pattern: string; readonly timezone: string }
  | { readonly kind: "rate"; readonly everySeconds: number }
  | { readonly kind: "at"; readonly time: string; readonly timezone: string };

/** Seconds come first in croner; weekdays count from 1 = Sunday, as in AWS and Quartz. */
const cronerOptions = (timezone: string): CronOptions => ({
  mode: "7-part",
  alternativeWeekdays: true,
  timezone,
});

/**
 * Reads an EventBridge Scheduler expression: `cron(minutes hours day-of-month month day-of-week year)`,
 * `rate(value unit)` or `at(yyyy-mm-ddThh:mm:ss)`. Throws for anything else (Scheduler User Guide,
 * "Schedule types").
 */
export function parseSchedule(expression: string, timezone: string): Timing {
  const [, kind, inner = ""] = /^(cron|rate|at)\((.*)\)$/.exec(expression.trim()) ?? [];
  switch (kind) {
    case "cron":
      return { kind, pattern: toPattern(inner, expression), timezone };
    case "rate":
      return { kind, everySeconds: toSeconds(inner, expression) };
    case "at":
      return { kind, time: inner, timezone };
    default:
      throw new Error(`${expression} is no cron(…), rate(…) or at(…) expression`);
  }
}

/** setTimeout takes 24 days at most, and a machine may sleep: the clock is looked at once a minute. */
const LONGEST_WAIT_MS = 60_000;

/** Starts a timer for it. `fire` receives the time that was due, also when the machine slept over it. */
export function startTimer(timing: Timing, fire: (due: Date) => void): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  function waitFor(due: Date | undefined): void {
    if (due === undefined) return;
    const wait = due.getTime() - Date.now();
    timer = setTimeout(
      () => {
        if (due.getTime() > Date.now()) return waitFor(due);
        fire(due);
        waitFor(runAfter(timing, due));
      },
      Math.min(Math.max(wait, 0), LONGEST_WAIT_MS),
    );
  }
  waitFor(nextRunAfter(timing, new Date()));
  return { stop: () => clearTimeout(timer) };
}

/** The time after `due` that is still to come; those that passed while the machine slept are left out. */
function runAfter(timing: Timing, due: Date): Date | undefined {
  const now = new Date();
  if (timing.kind !== "rate") return nextRunAfter(timing, now);
  const period = timing.everySeconds * 1000;
  const passed = Math.floor((now.getTime() - due.getTime()) / period);
  return new Date(due.getTime() + (passed + 1) * period);
}

/** The next time after `from`, if there is one. */
export function nextRunAfter(timing: Timing, from: Date): Date | undefined {
  switch (timing.kind) {
    case "cron":
      return (
        new Cron(timing.pattern, { ...cronerOptions(timing.timezone), paused: true }).nextRun(from) ??
        undefined
      );
    case "rate":
      return new Date(from.getTime() + timing.everySeconds * 1000);
    case "at":
      return new Cron(timing.time, { timezone: timing.timezone, paused: true }).nextRun(from) ?? undefined;
  }
}

function toPattern(fields: string, expression: string): string {
  const parts = fields.trim().split(/\s+/);
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = parts;
  if (parts.length !== 6) throw new Error(`${expression}: a cron expression has six fields`);
  if ((dayOfMonth === "?") === (dayOfWeek === "?")) {
    throw new Error(`${expression}: exactly one of day-of-month and day-of-week must be ?`);
  }
  const pattern = [
    "0",
    expandSteps(minute, 59),
    expandSteps(hour, 23),
    expandSteps(dayOfMonth, 31),
    expandSteps(month, 12),
    // L alone is the last day of the week, Saturday.
    dayOfWeek === "L" ? "7" : expandSteps(dayOfWeek, 7),
    expandSteps(year, 2199),
  ].join(" ");
  // Throws for what is no pattern, now rather than at the first run.
  void new Cron(pattern, { ...cronerOptions("UTC"), paused: true });
  return pattern;
}

/** AWS lets a step begin at a number (`0/15`); croner wants the range that this means (`0-59/15`). */
function expandSteps(field = "*", last: number): string {
  return field
    .split(",")
    .map((part) => part.replace(/^(\d+)\//, (_all, first) => `${first}-${last}/`))
    .join(",");
}

const SECONDS: Readonly<Record<string, number>> = { minute: 60, hour: 3600, day: 86_400 };

function toSeconds(rate: string, expression: string): number {
  const [, count, unit = ""] = /^(\d+)\s+(minute|hour|day)s?$/.exec(rate.trim()) ?? [];
  const seconds = Number(count) * (SECONDS[unit] ?? 0);
  if (!(seconds > 0)) throw new Error(`${expression}: expected a rate such as rate(5 minutes)`);
  return seconds;
}
