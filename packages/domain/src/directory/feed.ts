import type { EntityItem } from "electrodb";
import type { StoredCustomer } from "../customer/entity.ts";
import type { StoredDeployment } from "../deployment/entity.ts";
import type { LatestScore } from "../health/entity.ts";
import { queryPages } from "../table/index.ts";
import type { TeammateEntity } from "../user/entity.ts";

export type Teammate = EntityItem<typeof TeammateEntity>;

/** A row of the directory's partition; ElectroDB writes the entity's name beside it. */
export type DirectoryItem =
  | ({ readonly __edb_e__: "customer" } & StoredCustomer)
  | ({ readonly __edb_e__: "deployment" } & StoredDeployment)
  | ({ readonly __edb_e__: "latest_score" } & LatestScore)
  | ({ readonly __edb_e__: "teammate" } & Teammate);

/** Where the directory hears of rows. Pages may come in any order; a row may come more than once. */
export interface Feed {
  /** All rows there are. */
  all(receive: (items: readonly DirectoryItem[]) => void): Promise<void>;
  /** Rows changed at or after a moment (ISO 8601). */
  since(moment: string, receive: (items: readonly DirectoryItem[]) => void): Promise<void>;
}

/** The directory's partition, oldest or newest change first. */
const partition = (forward: boolean, from?: string) =>
  queryPages<DirectoryItem>({
    IndexName: "byType",
    KeyConditionExpression: from ? "gsi2pk = :directory AND gsi2sk >= :from" : "gsi2pk = :directory",
    ExpressionAttributeValues: { ":directory": "directory", ...(from && { ":from": from }) },
    ScanIndexForward: forward,
  });

/** Sorts before and after every key of the partition. */
const [START, END] = ["", "\uffff"];

/**
 * The directory's partition of the table. The first load reads it from both ends at once, until the two
 * readers meet.
 */
export const tableFeed: Feed = {
  async all(receive) {
    const reached = { forward: START, backward: END };
    const read = async (direction: "forward" | "backward") => {
      for await (const { items, next } of partition(direction === "forward")) {
        receive(items);
        const whole = direction === "forward" ? END : START;
        reached[direction] = next ? String(next.gsi2sk) : whole;
        if (reached.forward >= reached.backward) return;
      }
    };
    await Promise.all([read("forward"), read("backward")]);
  },
  async since(moment, receive) {
    for await (const { items } of partition(true, moment)) receive(items);
  },
};
