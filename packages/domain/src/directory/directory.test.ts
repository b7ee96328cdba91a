import { describe, expect, it } from "vitest";
import { createDirectory } from "./directory.ts";
import { contactItem, customerItem, deploymentItem, scoreItem, teammateItem } from "./fixture/items.ts";
import { table } from "./fixture/table.ts";
import type { DirectoryItem } from "./rows.ts";

const START = Date.parse("2026-06-15T10:00:00.000Z");

/** A directory on a hand-made table, both with clocks that the test sets. */
function portfolio() {
  const clock = { now: START };
  const source = table();
  const copy = createDirectory(source.feed, () => clock.now);
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

  it("keeps a figure until a row changes", async () => {
    const p = portfolio();
    p.write(customerItem("c1", 1));
    await p.copy.refresh();
    const atRisk = () =>
      p.copy.memoize(
        "at risk",
        () => [...p.copy.customers.values()].filter((r) => r.customer.status === "at_risk").length,
      );
    expect(atRisk()).toBe(0);
    await p.copy.refresh();
    expect(p.copy.memoize("at risk", () => Number.NaN)).toBe(0);
    p.write(customerItem("c1", 2, { status: "at_risk" }));
    await p.copy.refresh();
    expect(atRisk()).toBe(1);
  });

  it("ends an override in time, though nobody writes anything; the next score is decided on what is stored", async () => {
    const p = portfolio();
    const ends_at = new Date(START + 60_000).toISOString();
    const stored: Parameters<typeof scoreItem>[2] = {
      ...{ overall_score: 95, risk_level: "low", score_trend: "improving" },
      override: { score: 95, reason: "known_intent", ends_at },
      ...{ calculated_score: 40, calculated_band: "unknown", calculated_trend: "stable" },
    };
    p.write(customerItem("c1", 1));
    p.write(customerItem("c2", 1));
    p.write(scoreItem("c1", 1, stored));
    p.write(scoreItem("c2", 1, { overall_score: 70 }));
    p.write(deploymentItem("d1", "c1", 1));
    await p.copy.refresh();
    const view = p.copy.customersBy("health", ({ score }) => score?.overall_score);
    const seen = () => ({
      order: view.select("desc", () => true).map(({ customer }) => customer.id),
      mean: p.copy.memoize("mean", () =>
        [...p.copy.customers.values()].reduce((sum, { score }) => sum + (score?.overall_score ?? 0) / 2, 0),
      ),
      of_deployment: p.copy.deployments.get("d1")?.score?.overall_score,
    });
    const overridden = { order: ["c1", "c2"], mean: 82.5, of_deployment: 95 };
    expect(seen()).toEqual(overridden);
    p.pass(59_999);
    await p.copy.refresh();
    expect(seen()).toEqual(overridden);
    const { version } = p.copy;
    p.pass(1);
    await p.copy.refresh();
    expect(seen()).toEqual({ order: ["c2", "c1"], mean: 55, of_deployment: 40 });
    expect(p.copy.version).toBe(version + 1);
    expect(p.copy.customers.get("c1")).toMatchObject({
      score: { risk_level: "high", band: "unknown", score_trend: "stable", override: undefined },
      stored_score: stored,
    });
    // Once is enough.
    p.pass(60_000);
    await p.copy.refresh();
    expect(p.copy.version).toBe(version + 1);
    // A younger score is what it is.
    p.write(scoreItem("c1", 2, { overall_score: 41 }));
    await p.copy.refresh();
    expect(p.copy.customers.get("c1")).not.toHaveProperty("stored_score");
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

  it("reads many changes again once a second, not with every request", async () => {
    const p = portfolio();
    await p.copy.refresh();
    for (let n = 0; n < 200; n++) p.write(customerItem(`c${n}`, 1));
    p.pass(1_500);
    await p.copy.refresh();
    p.source.received();
    for (let look = 0; look < 9; look++) {
      p.pass(100);
      await p.copy.refresh();
    }
    expect(p.source.received()).toBe(0);
    p.pass(100);
    await p.copy.refresh();
    expect(p.source.received()).toBe(200);
  });

  it("hears of a writer whose clock is behind within a second, while many others write", async () => {
    const p = portfolio();
    await p.copy.refresh();
    for (let round = 1; round <= 30; round++) {
      for (let n = 0; n < 100; n++) p.write(customerItem(`other ${n}`, round));
      p.write(customerItem("c1", round), -3_000);
      p.pass(100);
      await p.copy.refresh();
      expect(p.copy.customers.get("other 7")?.customer.revision).toBe(round);
      expect(p.copy.customers.get("c1")?.customer.revision ?? 0).toBeGreaterThan(round - 10);
    }
    p.pass(1_000);
    await p.copy.refresh();
    expect(p.copy.customers.get("c1")?.customer.revision).toBe(30);
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

/** A row as something else than our own code may have left it in the table. */
const damaged = (item: DirectoryItem, changes: Readonly<Record<string, unknown>>): DirectoryItem =>
  Object.assign({ ...item }, changes);

describe("a row that is not what it should be", () => {
  const whole = deploymentItem("d1", "c1", 1);

  it.each<[string, DirectoryItem, string]>([
    [
      "a customer without a name",
      damaged(customerItem("c1", 1), { company_name: undefined }),
      "The customer's own record can't be read: company_name is not a text.",
    ],
    [
      "a customer of no known status",
      damaged(customerItem("c1", 1), { status: "asleep" }),
      "The customer's own record can't be read: status is not one of active, at_risk, churned, onboarding.",
    ],
    [
      "a customer without a revision",
      damaged(customerItem("c1", 1), { revision: "third" }),
      "The customer's own record can't be read: revision is not a number.",
    ],
    [
      "a deployment of an unknown product",
      damaged(deploymentItem("d2", "c1", 1), { product_name: "ToyX" }),
      "A deployment of the customer can't be read: product_name is not one of MonetX, SupportX, GreenX.",
    ],
    [
      "a score that is a text",
      damaged(scoreItem("c1", 1), { overall_score: "70" }),
      "The customer's newest score can't be read: overall_score is not a number.",
    ],
    [
      "contacts without dates",
      damaged(contactItem("c1", 1), { dates: "2026-01-01" }),
      "When the customer was last spoken with can't be read: dates is not a list of texts.",
    ],
  ])("is left out and named, and nobody else: %s", async (_, row, error) => {
    const { copy, write } = portfolio();
    write(customerItem("c2", 1));
    write(whole);
    write(row);
    write(deploymentItem("d9", "c2", 1));
    for (let look = 0; look < 2; look++) {
      await copy.refresh();
      expect([...copy.invalidRows()]).toEqual([{ kind: row.__edb_e__, customer_id: "c1", error }]);
      expect([...copy.customers.keys()]).toEqual(["c2"]);
      expect([...copy.deployments.keys()].sort()).toEqual(["d1", "d9"]);
    }
  });

  it("leaves the one before in place, and is read when it is mended", async () => {
    const p = portfolio();
    p.write(customerItem("c1", 1, { status: "onboarding" }));
    await p.copy.refresh();
    p.write(damaged(customerItem("c1", 2), { created_at: 5 }));
    await p.copy.refresh();
    expect([statusOf(p), [...p.copy.invalidRows()].length]).toEqual(["onboarding", 1]);
    p.write(customerItem("c1", 3, { status: "churned" }));
    await p.copy.refresh();
    expect([statusOf(p), [...p.copy.invalidRows()]]).toEqual(["churned", []]);
  });

  it.each([
    ["of a kind that this code does not know", { __edb_e__: "wish" }],
    ["of no kind", { __edb_e__: undefined }],
    ["of no customer", { id: undefined }],
  ])("takes nothing with it: one %s", async (_, changes) => {
    const { copy, write } = portfolio();
    write(customerItem("c2", 1));
    write(damaged(customerItem("c1", 1), changes));
    await copy.refresh();
    await copy.refresh();
    expect([...copy.customers.keys()]).toEqual(["c2"]);
  });

  it("does not stop the clock when it says that it changed at no time", async () => {
    const p = portfolio();
    p.source.tell(damaged(customerItem("c1", 1), { changed_at: "yesterday" }));
    await p.copy.refresh();
    p.write(customerItem("c2", 1));
    await p.copy.refresh();
    expect(statusOf(p, "c2")).toBe("active");
  });
});
