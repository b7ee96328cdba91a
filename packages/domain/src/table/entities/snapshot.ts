import { CustomAttributeType, Entity, type EntityItem } from "electrodb";
import { table } from "../client.ts";
import { byId } from "../keys.ts";

/** What is known of a partition's snapshot. Written last, so that whoever reads it finds all of its chunks. */
export const SnapshotEntity = new Entity(
  {
    model: { service: "success-manager", entity: "snapshot", version: "1" },
    attributes: {
      partition: { type: "string", required: true },
      /** Names the chunks; each snapshot has its own. */
      version: { type: "string", required: true },
      /** ISO instant; every row that has not changed since is in it as it is. */
      complete_until: { type: "string", required: true },
      rows: { type: "number", required: true },
      chunks: { type: "number", required: true },
      /** Seconds since 1970; of no use from then on, and the table's TTL removes it. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: { primary: byId("snapshot", "partition") },
  },
  table,
);
export type Snapshot = EntityItem<typeof SnapshotEntity>;

/** A part of a snapshot. */
export const ChunkEntity = new Entity(
  {
    model: { service: "success-manager", entity: "snapshot_chunk", version: "1" },
    attributes: {
      id: { type: "string", required: true },
      /** Rows, as `chunks.ts` packs them. */
      content: { type: CustomAttributeType<Uint8Array>("any"), required: true },
      /** Seconds since 1970; the table's TTL removes it. */
      expires_at_epoch: { type: "number", required: true },
    },
    indexes: { primary: byId("snapshot_chunk", "id") },
  },
  table,
);

/** The id of the chunk `number`, from 0, of a version. */
export const chunkId = (version: string, number: number) => `${version}#${number}`;
