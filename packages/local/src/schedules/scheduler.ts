import { randomUUID } from "node:crypto";
import * as z from "zod";
import { invokeAsync, type KeepFailure } from "../functions/async-invoke.ts";
import type { Pool } from "../functions/pool.ts";
import { type Assembly, resourcesOf } from "../template/assembly.ts";
import type { Resolver } from "../template/resolver.ts";
import { parseSchedule, startTimer, type Timing } from "./cron.ts";

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
      timing: parseSchedule(expression, timezone),
      pool,
      input: properties.Target.Input,
      retries: properties.Target.RetryPolicy?.MaximumRetryAttempts ?? 2,
    };
  });
}

/** Starts all timers. Returns what stops them. */
export function startSchedules(
  schedules: readonly Schedule[],
  log: (line: string) => void,
  keep?: KeepFailure,
): { stop(): void } {
  const stopping = new AbortController();
  const timers = schedules.map((schedule) =>
    startTimer(schedule.timing, (scheduled) => {
      log(`${schedule.name}: fires for ${scheduled.toISOString()}`);
      const event = fillPlaceholders(schedule.input, scheduled);
      void invokeAsync(schedule.pool, event, {
        retries: schedule.retries,
        signal: stopping.signal,
        log,
        keep,
      });
    }),
  );
  return {
    stop: () => {
      stopping.abort();
      for (const timer of timers) timer.stop();
    },
  };
}

/**
 * Fills in the context attributes that EventBridge Scheduler offers in a target's input. Times are ISO
 * without milliseconds, as Scheduler writes them.
 */
export function fillPlaceholders(input: string, scheduled: Date, executionId: string = randomUUID()): string {
  return input
    .replaceAll("<aws.scheduler.scheduled-time>", `${scheduled.toISOString().slice(0, 19)}Z`)
    .replaceAll("<aws.scheduler.execution-id>", executionId)
    .replaceAll("<aws.scheduler.attempt-number>", "1");
}
