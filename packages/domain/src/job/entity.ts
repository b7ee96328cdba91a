import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { byId, table } from "../table/index.ts";

/** One run of a job: the scheduled time is the key, so the same time delivered twice is one run. */
export const JobRunEntity = new Entity(
  {
    model: { service: "success-manager", entity: "job_run", version: "1" },
    attributes: {
      job: { type: "string", required: true },
      /** ISO instant; the job's "now". */
      scheduled_time: { type: "string", required: true },
      state: { type: ["running", "completed", "failed"] as const, required: true },
      started_at: { type: "string", required: true },
      finished_at: { type: "string" },
      /** Where it stands, as the job itself defines it. */
      progress: { type: CustomAttributeType<object>("any") },
      /** Seconds since 1970; the table's TTL removes it. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: ["job"], template: "job#${job}", casing: "none" },
        sk: { field: "sk", composite: ["scheduled_time"], template: "run#${scheduled_time}", casing: "none" },
      },
    },
  },
  table,
);
export type JobRun = EntityItem<typeof JobRunEntity>;

/** Lets one run of a job work at a time; whoever holds it and dies loses it after the lease. */
export const JobLockEntity = new Entity(
  {
    model: { service: "success-manager", entity: "job_lock", version: "1" },
    attributes: {
      job: { type: "string", required: true },
      scheduled_time: { type: "string", required: true },
      /** Milliseconds since 1970. */
      leased_until: { type: "number", required: true },
    },
    indexes: { primary: byId("job_lock", "job") },
  },
  table,
);
