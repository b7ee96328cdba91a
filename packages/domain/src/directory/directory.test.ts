import { CustomerStatus, Product } from "@success-manager/contract/vocabulary";
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { directory } from "./directory.ts";
import type { DirectoryItem } from "./feed.ts";
import { customerItem, deploymentItem, scoreItem, teammateItem } from "./fixture/items.ts";
import { table } from "./fixture/table.ts";

const START = Date.parse("2026-06-15T10:00:00.000Z");

/** A directory on a hand-made table, both with clocks that the test sets. */
function portfolio() {
  const clock = { now: START };
  const source = table();
  const copy = directory(source.feed, () => clock.now);
  /** Writes an item stamped now, or as a writer's clock says that is off by so much. */
  const write = (item: DirectoryItem, off = 0) =>
    source.write({ ...item, changed_at: new Date(clock.now + off).toISOString() });
  const pass = (ms: number) => {
    clock.now += ms;
  };
  return { clock, source, copy, write, pass };
}

const statusOf = ({ copy }: ReturnType<typeof portfolio>, id = "c1") =>
  copy.customers.get(id)?.customer.status;

describe("the directory", () => {
  it("joins a customer with manager, newest score and products of active deployments", async () => {
    const { copy, write } = portfolio();
    write(customerItem("c1", 1, { company_name: "Nordlicht", account_manager_id: "u1" }));
    write(teammateItem("u1", 1, { full_name: "Ada Byron" }));
    write(scoreItem("c1", 1, { overall_score: 77 }));
    write(deploymentItem("d1", "c1", 1, { product_name: "SupportX" }));
    write(deploymentItem("d2", "c1", 1, { product_name: "GreenX", is_active: false }));
    write(deploymentItem("d3", "c1", 1, { product_name: "MonetX" }));
    await copy.refresh();
    expect(copy.customers.get("c1")).toMatchObject({
      search_key: "nordlicht",
      account_manager_name: "Ada Byron",
      score: { overall_score: 77 },
      products: ["MonetX", "SupportX"],
    });
    expect(copy.deployments.get("d2")).toMatchObject({
      customer: { company_name: "Nordlicht" },
      manager_name: "Ada Byron",
      score: { overall_score: 77 },
    });
  });

  it("falls back to the manager's free text, and takes a new name of the linked user over", async () => {
    const { copy, write } = portfolio();
    write(customerItem("c1", 1, { account_manager_id: "u1", account_manager: "Somebody" }));
    await copy.refresh();
    expect(copy.customers.get("c1")?.account_manager_name).toBe("Somebody");
    write(teammateItem("u1", 1, { full_name: "Ada" }));
    await copy.refresh();
    write(teammateItem("u1", 2, { full_name: "Ada Byron" }));
    await copy.refresh();
    expect(copy.customers.get("c1")?.account_manager_name).toBe("Ada Byron");
  });

  it("keeps the newest revision, in whatever order and however often pages tell of them", async () => {
    const p = portfolio();
    await p.copy.refresh();
    p.write(customerItem("c1", 2, { status: "at_risk" }));
    await p.copy.refresh();
    // An older revision arrives late, the newer one again.
    p.source.tell(customerItem("c1", 1, { status: "active" }), customerItem("c1", 2, { status: "at_risk" }));
    await p.copy.refresh();
    expect(statusOf(p)).toBe("at_risk");
    expect(p.copy.customers.size).toBe(1);
  });

  it("remembers a figure until a row changes", async () => {
    const p = portfolio();
    p.write(customerItem("c1", 1));
    await p.copy.refresh();
    const atRisk = () =>
      p.copy.remember(
        "at risk",
        () => [...p.copy.customers.values()].filter((r) => r.customer.status === "at_risk").length,
      );
    expect(atRisk()).toBe(0);
    await p.copy.refresh();
    expect(p.copy.remember("at risk", () => Number.NaN)).toBe(0);
    p.write(customerItem("c1", 2, { status: "at_risk" }));
    await p.copy.refresh();
    expect(atRisk()).toBe(1);
  });

  it("asks only for what changed since it last looked", async () => {
    const p = portfolio();
    for (let n = 0; n < 50; n++) p.write(customerItem(`c${n}`, 1));
    await p.copy.refresh();
    p.pass(60_000);
    p.write(customerItem("c7", 2, { status: "churned" }));
    await p.copy.refresh();
    p.pass(1_000);
    p.source.received();
    await p.copy.refresh();
    // The one change, again, as it is younger than the overlap.
    expect(p.source.received()).toBe(1);
  });

  it("stops reading the last changes again once nothing has changed for a while", async () => {
    const p = portfolio();
    for (let n = 0; n < 50; n++) p.write(customerItem(`c${n}`, 1));
    await p.copy.refresh();
    p.pass(31_000);
    await p.copy.refresh();
    p.pass(1_000);
    p.source.received();
    await p.copy.refresh();
    expect(p.source.received()).toBe(0);
  });

  it.each([-3_000, 3_000])("misses nothing of a writer whose clock is off by %i ms", async (off) => {
    const p = portfolio();
    p.write(customerItem("other", 1));
    await p.copy.refresh();
    for (let revision = 1; revision <= 20; revision++) {
      p.pass(revision * 400);
      p.write(customerItem("c1", revision, { notes: `${revision}` }), off);
      p.write(customerItem("other", revision + 1));
      await p.copy.refresh();
      expect(p.copy.customers.get("c1")?.customer.revision).toBe(revision);
    }
  });

  it("does not lose what others write while a writer's clock is an hour ahead", async () => {
    const p = portfolio();
    p.write(customerItem("ahead", 1), 60 * 60 * 1000);
    await p.copy.refresh();
    p.pass(1_000);
    p.write(customerItem("c1", 1));
    await p.copy.refresh();
    expect(statusOf(p)).toBe("active");
  });

  it("recovers from a first load that breaks half way", async () => {
    const p = portfolio();
    for (let n = 0; n < 10; n++) p.write(customerItem(`c${n}`, 1));
    p.source.breakAfter(4);
    await expect(p.copy.refresh()).rejects.toThrow("broken");
    await p.copy.refresh();
    expect(p.copy.customers.size).toBe(10);
  });

  it("recovers from a later read that breaks half way, and keeps views right", async () => {
    const p = portfolio();
    for (let n = 0; n < 10; n++) p.write(customerItem(`c${n}`, 1, { company_name: `${n}` }));
    await p.copy.refresh();
    const byName = () => {
      const view = p.copy.customersBy("company_name", ({ search_key }) => search_key);
      return view.select("asc", () => true).map(({ customer }) => customer.company_name);
    };
    expect(byName()).toHaveLength(10);
    p.pass(1_000);
    for (let n = 0; n < 10; n++) p.write(customerItem(`c${n}`, 2, { company_name: `${20 - n}` }));
    p.source.breakAfter(3);
    await expect(p.copy.refresh()).rejects.toThrow("broken");
    expect(byName()).toHaveLength(10);
    await p.copy.refresh();
    expect(byName()).toEqual(["11", "12", "13", "14", "15", "16", "17", "18", "19", "20"]);
  });

  it("reads once for requests at the same time", async () => {
    const p = portfolio();
    p.write(customerItem("c1", 1));
    await Promise.all([p.copy.refresh(), p.copy.refresh(), p.copy.refresh()]);
    expect(p.source.received()).toBe(1);
  });
});

/** What somebody does with the portfolio; numbers pick the customer, deployment or user. */
const action = fc.oneof(
  fc.record({
    does: fc.constant("customer" as const),
    id: fc.integer({ min: 1, max: 4 }),
    status: fc.constantFrom(...CustomerStatus.options),
    manager: fc.option(fc.integer({ min: 1, max: 2 }), { nil: undefined }),
  }),
  fc.record({
    does: fc.constant("deployment" as const),
    id: fc.integer({ min: 1, max: 6 }),
    product: fc.constantFrom(...Product.options),
    active: fc.boolean(),
  }),
  fc.record({
    does: fc.constant("score" as const),
    id: fc.integer({ min: 1, max: 4 }),
    overall: fc.nat(100),
  }),
  fc.record({ does: fc.constant("rename" as const), id: fc.integer({ min: 1, max: 2 }), name: fc.string() }),
  fc.record({ does: fc.constant("pass" as const), ms: fc.nat(30_000) }),
  fc.record({ does: fc.constant("break" as const), after: fc.nat(3) }),
  fc.record({ does: fc.constant("look" as const) }),
);

describe("after any operations", () => {
  it("the directory equals a plain recount of the table", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(action, { maxLength: 60 }), fc.nat(3_000), async (actions, off) => {
        const p = portfolio();
        const view = () => p.copy.customersBy("status", ({ customer }) => customer.status);
        const next = (id: string) => (p.source.items.get(id)?.revision ?? 0) + 1;
        const look = async () => {
          await p.copy.refresh().catch(() => p.copy.refresh());
          view().select("asc", () => true);
        };
        for (const a of actions) {
          if (a.does === "customer") {
            const account_manager_id = a.manager === undefined ? undefined : `u${a.manager}`;
            p.write(
              customerItem(`c${a.id}`, next(`c${a.id}`), { status: a.status, account_manager_id }),
              off,
            );
          }
          if (a.does === "deployment") {
            const customerId = `c${1 + (a.id % 4)}`;
            const changes = { product_name: a.product, is_active: a.active };
            p.write(deploymentItem(`d${a.id}`, customerId, next(`d${a.id}`), changes), -off);
          }
          if (a.does === "score")
            p.write(scoreItem(`c${a.id}`, next(`score c${a.id}`), { overall_score: a.overall }));
          if (a.does === "rename") p.write(teammateItem(`u${a.id}`, next(`u${a.id}`), { full_name: a.name }));
          if (a.does === "pass") p.pass(a.ms);
          if (a.does === "break") p.source.breakAfter(a.after);
          if (a.does === "look") await look();
        }
        p.source.breakAfter(undefined);
        await look();

        const fresh = directory(p.source.feed, () => p.clock.now);
        await fresh.refresh();
        const sortedById = <T>(rows: ReadonlyMap<string, T>) =>
          [...rows].sort(([a], [b]) => (a < b ? -1 : 1));
        const withSortedDeployments = (d: typeof fresh) =>
          sortedById(d.customers).map(([id, row]) => [
            id,
            { ...row, deployments: row.deployments.toSorted((a, b) => (a.id < b.id ? -1 : 1)) },
          ]);
        expect(withSortedDeployments(p.copy)).toEqual(withSortedDeployments(fresh));
        expect(sortedById(p.copy.deployments)).toEqual(sortedById(fresh.deployments));
        const recounted = [...fresh.customers.values()].sort(
          (a, b) =>
            a.customer.status.localeCompare(b.customer.status) || a.customer.id.localeCompare(b.customer.id),
        );
        expect(
          view()
            .select("asc", () => true)
            .map(({ customer }) => customer.id),
        ).toEqual(recounted.map(({ customer }) => customer.id));
      }),
      { numRuns: 150 },
    );
  });
});
