import { compareText, searchForm } from "@success-manager/contract/text";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDirectory } from "../directory/directory.ts";
import { customerItem } from "../directory/fixture/items.ts";
import { table } from "../directory/fixture/table.ts";
import { passes } from "../table/index.ts";
import { createColumns } from "./columns.ts";
import { byCustomerName, searchTests } from "./search.ts";

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

const NAMES = ["Ärger & Co", "Zulu", "Company 2", "Company 10", "請求書", "Łódź", "company 2"];
const round = fc.record({
  /** Customers who come or get another name. */
  named: fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 9 }).map((n) => `c${n}`),
      fc.constantFrom(...NAMES),
    ),
    { maxLength: 4 },
  ),
  /** Rows that come, each about a customer, whom nobody may know yet. */
  about: fc.array(
    fc.integer({ min: 0, max: 11 }).map((n) => `c${n}`),
    { maxLength: 5 },
  ),
  order: fc.constantFrom("asc" as const, "desc" as const),
  search: fc.constantFrom("co", "2", "lodz", "請", "zulu", "nobody"),
});

describe("rows by what their customers are called now", () => {
  it("stand in the order of the names and are found by them, whoever comes or is renamed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(round, { minLength: 1, maxLength: 6 }), async (rounds) => {
        const { feed, tell } = table();
        const directory = createDirectory(feed);
        const columns = createColumns(["customer_id", "search_key"]);
        const names = new Map<string, string>();
        const stored: { readonly id: string; readonly customer_id: string }[] = [];
        let revision = 0;
        for (const { named, about, order, search } of rounds) {
          for (const [id, company_name] of named) {
            tell(customerItem(id, ++revision, { company_name }));
            names.set(id, company_name);
          }
          await directory.refresh();
          for (const customer_id of about) {
            const row = { id: `r${stored.length}`, customer_id, at: "2026-01-01T00:00:00.000Z" };
            columns.put(row);
            stored.push(row);
          }
          const sign = order === "asc" ? 1 : -1;
          const byId = (a: { readonly id: string }, b: { readonly id: string }) => (a.id < b.id ? -1 : 1);
          const wanted = stored.toSorted((a, b) => {
            const [left, right] = [names.get(a.customer_id), names.get(b.customer_id)];
            if (left === undefined || right === undefined)
              return Number(left === undefined) - Number(right === undefined) || byId(a, b);
            return sign * (compareText(left, right) || byId(a, b));
          });
          const all = { order, skip: 0, limit: 100 };
          const page = columns.pageBy(byCustomerName, directory, { tests: [] }, all);
          expect(page.ids).toEqual(wanted.map(({ id }) => id));
          const tests = searchTests(["search_key"], { search }, directory);
          const hits = stored.filter(({ customer_id }) =>
            searchForm(names.get(customer_id) ?? "").includes(search),
          );
          expect(columns.pageByTime({ tests: tests ? [tests] : [] }, all).ids.toSorted()).toEqual(
            hits.map(({ id }) => id).sort(),
          );
        }
      }),
    );
  });
});
