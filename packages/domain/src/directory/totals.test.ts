import { expect, it } from "vitest";
import type { TotalsRow } from "../counters/index.ts";
import { createDirectory } from "./directory.ts";
import { customerItem } from "./fixture/items.ts";
import { table } from "./fixture/table.ts";

const contacts = (revision: number, count: number): TotalsRow & Record<string, unknown> => ({
  __edb_e__: "totals",
  series: "interaction",
  changed_at: new Date().toISOString(),
  revision,
  "c:call|positive|0": count,
});

it("totals are those of the newest revision, in whatever order they arrive", async () => {
  const { feed, write, tell } = table();
  const copy = createDirectory(feed);
  write(contacts(3, 12));
  await copy.refresh();
  tell(contacts(2, 7));
  await copy.refresh();
  expect(copy.totals("interaction")).toEqual({ "call|positive|0": 12 });
  expect(copy.totals("survey")).toEqual({});
});

it("totals that change leave memoized figures of customers alone", async () => {
  const { feed, write } = table();
  const copy = createDirectory(feed);
  write(customerItem("c1", 1));
  write(contacts(1, 1));
  await copy.refresh();
  let computed = 0;
  const figure = () => copy.memoize("figure", () => ++computed);
  figure();
  write(contacts(2, 2));
  await copy.refresh();
  expect([figure(), copy.totals("interaction")]).toEqual([1, { "call|positive|0": 2 }]);
});
