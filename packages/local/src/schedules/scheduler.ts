import * as z from "zod";
import { deliver } from "../functions/delivery.ts";
import type { Pool } from "../functions/pool.ts";
import { type Assembly, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";
import { nextTime, startTiming, type Timing, timingOf } from "./cron.ts";
import { fillPlaceholders } from "./placeholders.ts";

/** A schedule of the template with the function that it starts. */
export type Schedule = {
  readonly name: string;
  readonly expression: string;
  readonly timezone: string;
  readonly timing: Timing;
  readonly pool: Pool;
  readonly input: string;
  readonly retries: number;
};

const Properties = z.object({
  ScheduleExpression: z.string(),
  ScheduleExpressionTimezone: z.string().default("UTC"),
  State: z.enum(["ENABLED", "DISABLED"]).default("ENABLED"),
  Target: z.object({
    Arn: z.string(),
    Input: z.string().default("{}"),
    // EventBridge Scheduler's default is 185; a local job that fails that often only fills the screen.
    RetryPolicy: z.object({ MaximumRetryAttempts: z.coerce.number().default(2) }).optional(),
  }),
});

/** The enabled schedules. Throws when one of them has no function as its target. */
export function schedulesOf(
  assembly: Assembly,
  resolver: Resolver,
  poolOf: (arn: string) => Pool | undefined,
): Schedule[] {
  return resourcesOf(assembly, "AWS::Scheduler::Schedule").flatMap((resource) => {
    const properties = resolver.properties(resource, Properties);
    if (properties.State === "DISABLED") return [];
    const pool = poolOf(properties.Target.Arn);
    if (pool === undefined)
      throw new Error(`${resource.stack}/${resource.id}: no function ${properties.Target.Arn}`);
    const { ScheduleExpression: expression, ScheduleExpressionTimezone: timezone } = properties;
    return {
      name: resolver.nameOf(resource),
      expression,
      timezone,
      timing: timingOf(expression, timezone),
      pool,
      input: properties.Target.Input,
      retries: properties.Target.RetryPolicy?.MaximumRetryAttempts ?? 2,
    };
  });
}

/** Next run after now; a schedule without one (a year that has passed) has none. */
export function nextRun(schedule: Schedule): Date | undefined {
  return nextTime(schedule.timing, new Date());
}

/** Starts all timers. Returns what stops them. */
export function startSchedules(
  schedules: readonly Schedule[],
  log: (line: string) => void,
): { stop(): void } {
  const stopping = new AbortController();
  const timers = schedules.map((schedule) =>
    startTiming(schedule.timing, (scheduled) => {
      log(`${schedule.name}: fires for ${scheduled.toISOString()}`);
      const event = fillPlaceholders(schedule.input, scheduled);
      void deliver(schedule.pool, event, { retries: schedule.retries, signal: stopping.signal, log });
    }),
  );
  return {
    stop: () => {
      stopping.abort();
      for (const timer of timers) timer.stop();
    },
  };
}
