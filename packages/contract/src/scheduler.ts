import * as z from "zod";
import { get, post } from "./dsl/endpoint.ts";
import { group } from "./dsl/group.ts";
import { count, instant, line, message, timestamp } from "./values.ts";

export const LastRun = z
  .object({
    run_id: timestamp.meta({ description: "The time that the run is for; its now" }),
    state: z.enum(["running", "completed", "failed"]),
    started_at: timestamp,
    finished_at: timestamp.nullable(),
    counts: z.record(z.string(), count).meta({
      description: "What came of it so far, such as calculated and failed; each job has its own",
      examples: [{ calculated: 120, failed: 0 }],
    }),
    error: z.string().nullable().meta({ description: "A sentence about what went wrong" }),
  })
  .meta({ id: "LastRun" });
export type LastRun = z.infer<typeof LastRun>;

export const ScheduledJob = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    trigger: z.string().meta({
      description: "Minutes, hours, day, month, weekday, as cron writes them",
      examples: ["0 0 * * *"],
    }),
    timezone: z.string().meta({ description: "In which the trigger is meant", examples: ["UTC"] }),
    next_run_time: timestamp.nullable(),
    is_running: z.boolean(),
    last_run: LastRun.nullable().meta({ description: "The run that is at work, else the latest one" }),
  })
  .meta({ id: "ScheduledJob" });
export type ScheduledJob = z.infer<typeof ScheduledJob>;

export const Run = LastRun.extend({ job: z.string() }).meta({ id: "Run" });
export type Run = z.infer<typeof Run>;

export const RunQuery = z.object({
  job: line(64)
    .optional()
    .meta({ description: "Of which job, where several have a run of that time; the newest when absent" }),
});
export type RunQuery = z.infer<typeof RunQuery>;

export const StartedRun = message.extend({ run_id: timestamp }).meta({ id: "StartedRun" });
export type StartedRun = z.infer<typeof StartedRun>;

export const scheduler = group("scheduler", "What runs by itself or in the background", {
  list: get("/jobs", {
    summary: "List jobs with their last run, the next one to run first",
    access: "admin",
    returns: z.array(ScheduledJob),
  }),
  run: post("/jobs/{job}/run", {
    summary: "Start a job now, in the background",
    access: "admin",
    params: { job: line(64) },
    costs: { quotas: ["jobs"] },
    returns: StartedRun,
    errors: [404, 409],
  }),
  getRun: get("/runs/{run_id}", {
    summary: "How a run goes that was started here, or that does what a request had no time for",
    access: "manager",
    sees: "all",
    params: { run_id: instant },
    query: RunQuery,
    returns: Run,
    errors: [404],
  }),
});
