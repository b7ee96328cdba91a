import { randomUUID } from "node:crypto";

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
