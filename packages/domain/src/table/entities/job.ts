import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId, type Partition } from "../keys.ts";

/** What came of a run, for people: `{ calculated: 120, failed: 0 }`. Each job has its own. */
export type Counts = Readonly<Record<string, number>>;

const STATES = ["running", "completed", "failed"] as const;

/** One run of a job: the scheduled time is the key, so the same time delivered twice is one run. */
export const JobRunEntity = new Entity(
  {
    model: { service: "success-manager", entity: "job_run", version: "1" },
    attributes: {
      job: { type: "string", required: true },
      /** ISO instant; the job's "now". */
      scheduled_time: { type: "string", required: true },
      state: { type: STATES, required: true },
      started_at: { type: "string", required: true },
      finished_at: { type: "string" },
      /** Where it stands, as the job itself defines it. */
      progress: { type: CustomAttributeType<object>("any") },
      counts: { type: CustomAttributeType<Counts>("any") },
      /** A sentence for people. */
      error: { type: "string" },
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

/** All runs of a job that are still known, oldest first. */
export const jobRuns = (job: string): Partition => ({ index: "primary", key: `job#${job}` });

/** A run to read. */
export const jobRunRequest = (job: string, scheduled_time: string) => ({
  key: { pk: `job#${job}`, sk: `run#${scheduled_time}` },
  parse: (found: { Item: Record<string, unknown> }) => JobRunEntity.parse(found),
});

/**
 * A job's lock, which remembers who held it last: the latest run, as people see it. It lets one run work at a time;
 * whoever holds it and dies loses it after the lease.
 */
export const JobLockEntity = new Entity(
  {
    model: { service: "success-manager", entity: "job_lock", version: "1" },
    attributes: {
      job: { type: "string", required: true },
      /** The run's scheduled time. */
      run_id: { type: "string", required: true },
      state: { type: STATES, required: true },
      started_at: { type: "string", required: true },
      finished_at: { type: "string" },
      counts: { type: CustomAttributeType<Counts>("any"), required: true },
      /** A sentence for people. */
      error: { type: "string" },
      /** Milliseconds since 1970; absent when nobody holds it. */
      leased_until: { type: "number" },
      /** The invocation at work; absent while the run waits for one, and when nobody holds it. */
      holder: { type: "string" },
    },
    indexes: { primary: byId("job_lock", "job") },
  },
  table,
);
export type JobLock = EntityItem<typeof JobLockEntity>;

/** What is written to see how far behind the stream is. The function that counts answers with an echo. */
export const StreamProbeEntity = new Entity(
  {
    model: { service: "success-manager", entity: "stream_probe", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      /** Milliseconds since 1970. */
      written_at: { type: "number", required: true },
    },
    indexes: { primary: byId("stream_probe", "id") },
  },
  table,
);

/** The newest probe that has come through the stream, and when. */
export const StreamEchoEntity = new Entity(
  {
    model: { service: "success-manager", entity: "stream_echo", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      written_at: { type: "number", required: true },
      seen_at: { type: "number", required: true },
    },
    indexes: { primary: byId("stream_echo", "id") },
  },
  table,
);
