import type { EntityItem } from "electrodb";
import type { TotalsRow } from "../counters/index.ts";
import {
  type LastInteraction,
  type LatestScore,
  partitions,
  query,
  type StoredCustomer,
  type StoredDeployment,
  type TeamMemberEntity,
} from "../table/index.ts";
import type { Feed } from "./follow.ts";

export type TeamMember = EntityItem<typeof TeamMemberEntity>;

/** A row of the directory's partition; ElectroDB writes the entity's name beside it. */
export type DirectoryItem =
  | ({ readonly __edb_e__: "customer" } & StoredCustomer)
  | ({ readonly __edb_e__: "deployment" } & StoredDeployment)
  | ({ readonly __edb_e__: "latest_score" } & LatestScore)
  | ({ readonly __edb_e__: "last_contact" } & LastInteraction)
  | ({ readonly __edb_e__: "teammate" } & TeamMember)
  | TotalsRow;

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
      const all = {
        partition: partitions.type(partition),
        order: direction === "forward" ? "asc" : "desc",
      } as const;
      for await (const { items, next } of query<Item>(all)) {
        receive(items);
        const whole = direction === "forward" ? END : START;
        reached[direction] = next ? String(next.gsi2sk) : whole;
        if (reached.forward > reached.backward) return;
      }
    };
    await Promise.all([read("forward"), read("backward")]);
  },
  async since(moment, receive) {
    const pages = query<Item>({ partition: partitions.type(partition), from: moment });
    for await (const { items } of pages) receive(items);
  },
});
