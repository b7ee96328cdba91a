import * as z from "zod";
import { timestamp } from "./values.ts";

/** A run of a job that does what a request had no time for. */
export const BackgroundRun = z
  .object({
    job: z.string(),
    run_id: timestamp,
    url: z.string().meta({
      description: "Where to ask how it goes: a path of this API",
      examples: ["/api/v1/scheduler/runs/2026-01-31T08:00:00.000Z?job=inactivity_check"],
    }),
  })
  .meta({ id: "BackgroundRun" });
export type BackgroundRun = z.infer<typeof BackgroundRun>;

/** Of answers to requests that may be too short. */
export const backgroundRuns = z
  .array(BackgroundRun)
  .optional()
  .meta({ description: "Runs that do the rest in the background; absent when all is done" });

export const toBackgroundRun = (job: string, run_id: string): BackgroundRun => ({
  job,
  run_id,
  url: `/api/v1/scheduler/runs/${run_id}?job=${job}`,
});
