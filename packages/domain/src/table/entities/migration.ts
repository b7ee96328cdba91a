import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { parseBy } from "../read.ts";
import type { Counts } from "./job.ts";

/** An item that a migration could not change, and why. */
export interface FailedItem {
  /** `<pk> <sk>` */
  readonly key: string;
  readonly error: string;
}

const KINDS = ["expand", "backfill", "contract"] as const;
const DIRECTIONS = ["up", "down"] as const;
const STATES = ["running", "paused", "done", "failed", "undone"] as const;

/** A run of a migration that came before the latest one. */
export interface EarlierMigrationRun {
  readonly run_id: string;
  readonly direction: "up" | "down";
  readonly state: string;
  readonly by: string;
  readonly finished_at?: string | undefined;
  readonly counts: Counts;
}

/**
 * What became of a migration: its latest run, and those before it. One partition holds all of them: the history. The
 * lock is that of the job (`JobLockEntity`), where a run stands is the run's own (`JobRunEntity`).
 */
export const MigrationEntity = new Entity(
  {
    model: { service: "success-manager", entity: "migration", version: "1" },
    attributes: {
      name: { type: "string", required: true },
      kind: { type: KINDS, required: true },
      direction: { type: DIRECTIONS, required: true },
      /** `running` until the run says otherwise; whoever holds no lock any more has stopped without a word. */
      state: { type: STATES, required: true },
      /** The run of the job: its scheduled time, an ISO instant. Of a migration that goes on, the newest one. */
      run_id: { type: "string", required: true },
      started_at: { type: "string", required: true },
      finished_at: { type: "string" },
      /** Who asked for it: an AWS identity, or a user of the machine. */
      by: { type: "string", required: true },
      /** Of the migration's file when it was started: 12 digits of its SHA-256. */
      checksum: { type: "string", required: true },
      counts: { type: CustomAttributeType<Counts>("any"), required: true },
      /** How long it worked, all invocations together. */
      worked_ms: { type: "number", required: true },
      failures: { type: CustomAttributeType<readonly FailedItem[]>("any"), required: true },
      /** Why it stopped, a sentence for people. */
      error: { type: "string" },
      earlier: { type: CustomAttributeType<readonly EarlierMigrationRun[]>("any"), required: true },
    },
    indexes: {
      primary: {
        pk: { field: "pk", composite: [], template: "migrations", casing: "none" },
        sk: { field: "sk", composite: ["name"], template: "${name}", casing: "none" },
      },
    },
  },
  table,
);
export type StoredMigration = EntityItem<typeof MigrationEntity>;

/** What became of a migration, to read. */
export const migrationRequest = (name: string) => ({
  key: { pk: "migrations", sk: name },
  parse: parseBy(MigrationEntity),
});
