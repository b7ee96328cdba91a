import { describe, expect, it } from "vitest";
import { createDirectory } from "../directory/directory.ts";
import { customerItem } from "../directory/fixture/items.ts";
import { table } from "../directory/fixture/table.ts";
import { toSearch } from "./search.ts";

const TEXTS = { fields: ["search_key"], prepared: true };

/** A portfolio with so many customers who bear the same word in their names, and one who does not. */
async function portfolio(size: number) {
  const { feed, write } = table();
  for (let n = 0; n < size; n++) write(customerItem(`c${n}`, 1, { company_name: `Genossenschaft ${n}` }));
  write(customerItem("other", 1));
  const all = createDirectory(feed);
  await all.refresh();
  return all;
}

describe("a search", () => {
  it("is the database's, with the customers of that name, as long as an expression can list them", async () => {
    const { filter, matches } = toSearch(TEXTS, { search: "genossen" }, await portfolio(100));
    expect(matches).toBeUndefined();
    const [condition] = filter;
    const [expression, values] = condition || [];
    expect(expression).toMatch(
      /^\(contains\(#search_key, :search\) OR #customer_id IN \(:customer0, .*\)\)$/,
    );
    const { ":search": text, ...ids } = values ?? {};
    expect([text, Object.values(ids).length]).toEqual(["genossen", 100]);
  });

  it("is made in memory where there are more, and looks at the same", async () => {
    const { filter, matches } = toSearch(TEXTS, { search: "genossen" }, await portfolio(101));
    expect(filter).toEqual([]);
    const rows = [
      { customer_id: "c100", search_key: "roadmap" },
      { customer_id: "other", search_key: "about the genossenschaft" },
      { customer_id: "other", search_key: "roadmap" },
      { customer_id: "gone" },
    ];
    expect(rows.map((row) => matches?.(row))).toEqual([true, true, false, false]);
  });

  it("names only the customer whose rows are asked for", async () => {
    const asked = { search: "genossen", customer_id: "c7" };
    const { filter } = toSearch(TEXTS, asked, await portfolio(101));
    expect(filter).toEqual([
      [
        "(contains(#search_key, :search) OR #customer_id IN (:customer0))",
        { ":search": "genossen", ":customer0": "c7" },
      ],
    ]);
  });

  it("disregards case and diacritics where texts are stored as they were written", async () => {
    const texts = { fields: ["title", "description"], prepared: false };
    const { matches } = toSearch(texts, { search: "arger" }, await portfolio(0));
    expect(matches?.({ title: "A", description: "Ärger mit der Rechnung" })).toBe(true);
    expect(matches?.({ title: "A", description: "B" })).toBe(false);
  });
});
