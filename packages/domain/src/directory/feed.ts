import type { EntityItem } from "electrodb";
import type { StoredCustomer } from "../customer/entity.ts";
import type { StoredDeployment } from "../deployment/entity.ts";
import type { LatestScore } from "../health/entity.ts";
import type { LastContact } from "../interaction/entity.ts";
import type { TotalsRow } from "../rollup/index.ts";
import { queryPages } from "../table/index.ts";
import type { TeammateEntity } from "../user/entity.ts";
import type { Feed } from "./follow.ts";

export type Teammate = EntityItem<typeof TeammateEntity>;

/** A row of the directory's partition; ElectroDB writes the entity's name beside it. */
export type DirectoryItem =
  | ({ readonly __edb_e__: "customer" } & StoredCustomer)
  | ({ readonly __edb_e__: "deployment" } & StoredDeployment)
  | ({ readonly __edb_e__: "latest_score" } & LatestScore)
  | ({ readonly __edb_e__: "last_contact" } & LastContact)
  | ({ readonly __edb_e__: "teammate" } & Teammate)
  | TotalsRow;

/** A partition of `byType` that is sorted by `changed_at`, oldest or newest change first; from a moment on (ISO). */
export const changesIn = (partition: string, forward = true, from?: string) => ({
  IndexName: "byType",
  KeyConditionExpression: from ? "gsi2pk = :partition AND gsi2sk >= :from" : "gsi2pk = :partition",
  ExpressionAttributeValues: { ":partition": partition, ...(from && { ":from": from }) },
  ScanIndexForward: forward,
});

/** Sorts before and after every key of a partition. */
const [START, END] = ["", "\uffff"];

/**
 * A partition of the table as a feed. The first load reads it from both ends at once, until the two readers meet.
 *
 * @typeParam Item what stands in that partition
 */
export const partitionFeed = <Item>(partition: string): Feed<Item> => ({
  async all(receive) {
    const reached = { forward: START, backward: END };
    const read = async (direction: "forward" | "backward") => {
      for await (const { items, next } of queryPages<Item>(changesIn(partition, direction === "forward"))) {
        receive(items);
        const whole = direction === "forward" ? END : START;
        reached[direction] = next ? String(next.gsi2sk) : whole;
        if (reached.forward > reached.backward) return;
      }
    };
    await Promise.all([read("forward"), read("backward")]);
  },
  async since(moment, receive) {
    for await (const { items } of queryPages<Item>(changesIn(partition, true, moment))) receive(items);
  },
});
