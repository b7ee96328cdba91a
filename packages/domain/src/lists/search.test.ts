import { describe, expect, it } from "vitest";
import { createDirectory } from "../directory/directory.ts";
import { customerItem } from "../directory/fixture/items.ts";
import { table } from "../directory/fixture/table.ts";
import { passes } from "../table/index.ts";
import { searchTests } from "./search.ts";

/** A portfolio with so many customers who bear the same word in their names, and one who does not. */
async function portfolio(size: number) {
  const { feed, write } = table();
  for (let n = 0; n < size; n++) write(customerItem(`c${n}`, 1, { company_name: `Genossenschaft ${n}` }));
  write(customerItem("other", 1));
  const all = createDirectory(feed);
  await all.refresh();
  return all;
}

const rows = [
  { customer_id: "c100", search_key: "roadmap" },
  { customer_id: "c7" },
  { customer_id: "other", search_key: "about the genossenschaft" },
  { customer_id: "other", search_key: "roadmap" },
  { customer_id: "gone" },
];
const found = async (query: Parameters<typeof searchTests>[1]) => {
  const tests = searchTests(["search_key"], query, await portfolio(101));
  return rows.map((row) => passes(row, tests ? [tests] : []));
};

describe("a search", () => {
  it("looks at the fields and at the names of customers, however many bear the word", async () => {
    expect(await found({ search: "genossen" })).toEqual([true, true, true, false, false]);
  });

  it("of nothing finds everything", async () => {
    expect(await found({})).toEqual(Array(5).fill(true));
  });
});
