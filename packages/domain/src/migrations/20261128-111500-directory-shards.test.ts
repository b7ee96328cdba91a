import { expect, test } from "vitest";
import { SHARDED_ENTITIES } from "../table/keys.ts";
import { directoryShards } from "./20261128-111500-directory-shards.ts";

// What batches, lists and the way back do with real rows: test/http/shards.test.ts.

test("moves nothing on its way there: rows move when a batch writes them", () => {
  expect(directoryShards.items).toEqual({ of: [], from: [] });
  expect(directoryShards.change({ pk: "customer#1" }, "customer")).toBeNull();
});

test("goes back for every entity that stands in shards, in each of them, and changes nothing but where a row stands", () => {
  const { items, change } = directoryShards.undo ?? {};
  const entities = items?.of.map(({ schema }) => schema.model.entity);
  expect(entities?.toSorted()).toEqual(Object.keys(SHARDED_ENTITIES).toSorted());
  const partitions = items?.from === "scan" ? [] : items?.from.map(({ key }) => key);
  expect(partitions?.filter((key) => key.startsWith("directory#"))).toHaveLength(16);
  expect(partitions?.filter((key) => key.startsWith("alert_condition#"))).toHaveLength(16);
  const item = { pk: "customer#1", company_name: "Nordlicht" };
  expect(change?.(item, "customer")).toEqual(item);
});
