import { DIRECTORY } from "../../table/index.ts";
import { partitionFeed } from "../feed.ts";
import type { Feed } from "../follow.ts";
import { fromSnapshot } from "./from-snapshot.ts";
import { loadSnapshot } from "./load.ts";

/** Partitions that functions follow, and that have snapshots. */
export const FOLLOWED = [DIRECTORY, "alert_condition"] as const;
export type Followed = (typeof FOLLOWED)[number];

/**
 * A partition of the table as a feed that begins with its snapshot.
 *
 * @typeParam Item what stands in that partition
 */
export const snapshotFeed = <Item>(partition: Followed): Feed<Item> =>
  fromSnapshot(partitionFeed<Item>(partition), (receive) => loadSnapshot<Item>(partition, receive));
