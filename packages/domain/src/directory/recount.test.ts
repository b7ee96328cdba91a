import { CustomerStatus, Product } from "@success-manager/contract/vocabulary";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createDirectory, type Directory } from "./directory.ts";
import { contactItem, customerItem, deploymentItem, scoreItem, teammateItem } from "./fixture/items.ts";
import { lateTable } from "./fixture/late-table.ts";
import { inOrder, recountCustomers, recountDeployments, seenDeployment, seenOf } from "./fixture/recount.ts";
import type { DeploymentRow, DirectoryItem } from "./rows.ts";
import { type Order, paginate, type SortedView } from "./sorted.ts";

/** What somebody writes; numbers pick the customer, deployment or user. Of each, `revision` is the table's. */
const some = (most: number) => fc.integer({ min: 1, max: most });
const customer = fc.record({
  id: some(10),
  company_name: fc.constantFrom("Alba", "alba", "Berg", "Cosmo", "Delta"),
  status: fc.constantFrom(...CustomerStatus.options),
  industry: fc.constantFrom("Energy", "Retail", undefined),
  account_manager_id: fc.constantFrom("u1", "u2", undefined, undefined),
  account_manager: fc.constantFrom("Somebody", "Ada", " grace", undefined),
});
const written: fc.Arbitrary<DirectoryItem> = fc.oneof(
  { weight: 3, arbitrary: customer.map(({ id, ...changes }) => customerItem(`c${id}`, 1, changes)) },
  {
    weight: 3,
    arbitrary: fc
      .record({ id: some(20), product_name: fc.constantFrom(...Product.options), is_active: fc.boolean() })
      .map(({ id, ...changes }) => deploymentItem(`d${id}`, `c${1 + (id % 12)}`, 1, changes)),
  },
  {
    weight: 3,
    arbitrary: fc
      .tuple(some(12), fc.nat(100))
      .map(([id, overall_score]) => scoreItem(`c${id}`, 1, { overall_score })),
  },
  {
    weight: 3,
    arbitrary: fc.tuple(some(12), some(28)).map(([id, day]) => {
      const date = `2026-02-${String(day).padStart(2, "0")}T00:00:00.000Z`;
      return contactItem(`c${id}`, 1, { dates: [date] });
    }),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ id: some(3), full_name: fc.constantFrom("Ada", "Grace", "Zoe"), is_active: fc.boolean() })
      .map(({ id, ...changes }) => teammateItem(`u${id}`, 1, changes)),
  },
);

/** Something is written by a clock that is this far off, and the index tells of it so much later; both in ms. */
const write = fc.record({
  does: fc.constant("write" as const),
  item: written,
  off: fc.constantFrom(0, 0, 3_000, -3_000),
  delay: fc.oneof(fc.constant(0), fc.nat(5_000)),
});
/** As `write`, so many at once that lists are not worth keeping. */
const batch = fc.record({
  does: fc.constant("batch" as const),
  items: fc.array(written, { minLength: 60, maxLength: 90 }),
});
const pass = fc.record({ does: fc.constant("pass" as const), ms: fc.oneof(fc.nat(300), fc.nat(40_000)) });
const look = fc.record({
  does: fc.constant("look" as const),
  at: fc.nat(4),
  filter: fc.nat(3),
  order: fc.constantFrom<Order>("asc", "desc"),
  breaksAfter: fc.option(fc.nat(5), { freq: 2, nil: undefined }),
});
const settle = fc.record({ does: fc.constant("settle" as const) });
const action = fc.oneof(
  { weight: 70, arbitrary: write },
  { weight: 1, arbitrary: batch },
  { weight: 10, arbitrary: pass },
  { weight: 18, arbitrary: look },
  { weight: 1, arbitrary: settle },
);

const orders: readonly Order[] = ["asc", "desc"];

const COLUMNS: Readonly<Record<string, (row: ReturnType<typeof seenOf>) => string | number | undefined>> = {
  company_name: ({ company_name }) => company_name.toLowerCase(),
  status: ({ status }) => status,
  industry: ({ industry }) => industry,
  manager: ({ account_manager_name }) => account_manager_name || undefined,
  health_score: ({ score }) => score,
};
const FILTERS: Readonly<Record<string, (row: ReturnType<typeof seenOf>) => boolean>> = {
  all: () => true,
  staying: ({ status }) => status !== "churned",
  "of Ada": ({ account_manager_name }) => account_manager_name === "Ada",
  "spoken with": ({ contact }) => contact !== undefined && contact > "2026-02-14",
};

/** All pages of a list, by cursor. */
function paged<T>(view: SortedView<T>, order: Order, keep: (row: T) => boolean): T[] {
  const found: T[] = [];
  let cursor: string | undefined;
  do {
    const page = paginate(view, order, keep, { skip: 0, limit: 3, cursor });
    found.push(...page.rows);
    cursor = page.next_cursor ?? undefined;
  } while (cursor);
  return found;
}

type Customers = readonly ReturnType<typeof seenOf>[];
type Deployments = readonly ReturnType<typeof seenDeployment>[];

/** A list of customers is what it should be: by this column and filter, of those above. */
function expectCustomers(copy: Directory, customers: Customers, at: number, filter: number, order: Order) {
  const [name = "", column = () => undefined] = Object.entries(COLUMNS)[at] ?? [];
  const [, keep = () => true] = Object.entries(FILTERS)[filter] ?? [];
  const view = copy.customersBy(name, (row) => column(seenOf(row)));
  const found = paged(view, order, (row) => keep(seenOf(row)));
  expect(found.map(seenOf)).toEqual(inOrder(customers, column, order).filter(keep));
}

function expectDeployments(copy: Directory, deployments: Deployments, order: Order) {
  const view = copy.deploymentsBy("customer_name", ({ customer }) => customer?.company_name);
  const active = ({ deployment }: DeploymentRow) => deployment.is_active;
  expect(paged(view, order, active).map(seenDeployment)).toEqual(
    inOrder(deployments, ({ company_name }) => company_name, order).filter(({ is_active }) => is_active),
  );
}

/** Figures that the directory keeps, each made of other kinds of rows. */
function expectFigures(copy: Directory, customers: Customers, deployments: Deployments) {
  const rows = () => [...copy.customers.values()].map(seenOf);
  const managed = copy.memoize("managed", () =>
    rows()
      .map((row) => row.account_manager_name)
      .sort(),
  );
  expect(managed).toEqual(customers.map((row) => row.account_manager_name).sort());
  const total = copy.memoize("total", () => rows().reduce((sum, { score = 0 }) => sum + score, 0));
  expect(total).toBe(customers.reduce((sum, { score = 0 }) => sum + score, 0));
  const active = copy.memoize(
    "active",
    () => [...copy.deployments.values()].filter(({ deployment }) => deployment.is_active).length,
  );
  expect(active).toBe(deployments.filter(({ is_active }) => is_active).length);
}

const byId = <T extends { readonly id: string }>(rows: readonly T[]) => inOrder(rows, ({ id }) => id, "asc");

function portfolio(seed: number) {
  const clock = { now: Date.parse("2026-06-15T10:00:00.000Z") };
  const source = lateTable(() => clock.now, seed);
  const copy = createDirectory(source.feed, () => clock.now);
  const change = (item: DirectoryItem, off: number, delay: number) =>
    source.write({ ...item, changed_at: new Date(clock.now + off).toISOString() }, delay);

  return {
    clock,
    change,
    breakAfter: source.breakAfter,
    /** Whatever is known by now: lists and figures are what its rows make them. */
    async look({ at, filter, order }: { at: number; filter: number; order: Order }) {
      await copy.refresh().catch(() => undefined);
      const customers = [...copy.customers.values()].map(seenOf);
      const deployments = [...copy.deployments.values()].map(seenDeployment);
      expectCustomers(copy, customers, at, filter, order);
      expectDeployments(copy, deployments, order);
      expectFigures(copy, customers, deployments);
    },
    /** Once the index has told of everything, all is as in the table. */
    async settle() {
      source.breakAfter(Number.POSITIVE_INFINITY);
      clock.now += 5_000;
      await copy.refresh();
      const customers = recountCustomers(source.items());
      const deployments = recountDeployments(source.items());
      expect(byId([...copy.customers.values()].map(seenOf))).toEqual(byId(customers));
      expect(byId([...copy.deployments.values()].map(seenDeployment))).toEqual(byId(deployments));
      for (const order of orders) {
        for (const at of Object.keys(COLUMNS).keys())
          for (const filter of Object.keys(FILTERS).keys())
            expectCustomers(copy, customers, at, filter, order);
        expectDeployments(copy, deployments, order);
      }
      expectFigures(copy, customers, deployments);
    },
  };
}

describe("after a thousand operations of several writers, told late, out of order and broken off", () => {
  it("rows, lists, pages and figures are those of a plain recount", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 1_000, maxLength: 1_000, size: "max" }),
        fc.nat(),
        async (actions, seed) => {
          const p = portfolio(seed);
          for (const a of actions) {
            if (a.does === "write") p.change(a.item, a.off, a.delay);
            if (a.does === "batch") for (const item of a.items) p.change(item, 0, 100);
            if (a.does === "pass") p.clock.now += a.ms;
            if (a.does === "look") {
              p.breakAfter(a.breaksAfter ?? Number.POSITIVE_INFINITY);
              await p.look(a);
            }
            if (a.does === "settle") await p.settle();
          }
          await p.settle();
        },
      ),
      { numRuns: 10, endOnFailure: true },
    );
  });
});
