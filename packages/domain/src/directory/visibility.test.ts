import type { CustomerScope } from "@success-manager/contract/api-keys";
import type { CustomerAccess } from "@success-manager/contract/vocabulary";
import { describe, expect, it } from "vitest";
import { createDirectory } from "./directory.ts";
import { customerItem, deploymentItem, teammateItem } from "./fixture/items.ts";
import { table } from "./fixture/table.ts";
import { type Viewer, visibilityOf, visibilityOfKey, visibleDirectory } from "./visibility.ts";

const viewer = (access: CustomerAccess, changes: Partial<Viewer> = {}): Viewer => ({
  ...{ id: "u1", role: "manager", access, team: "North" },
  ...changes,
});

/** A directory of a team of three and a customer for each way to manage one. */
async function portfolio() {
  const { feed, write } = table();
  const all = createDirectory(feed);
  write(teammateItem("u1", 1, { full_name: "Nora North", team: "North" }));
  write(teammateItem("u2", 1, { full_name: "Omar Osten", team: " NORTH ", is_active: false }));
  write(teammateItem("u3", 1, { full_name: "Sven Sund", team: "South" }));
  write(customerItem("linked", 1, { account_manager_id: "u1", account_manager: "Sven Sund" }));
  write(customerItem("named", 1, { account_manager: "nora  NORTH" }));
  write(customerItem("teammate's", 1, { account_manager_id: "u2" }));
  write(customerItem("foreign", 1, { account_manager_id: "u3" }));
  write(customerItem("nobody's", 1));
  write(deploymentItem("d1", "linked", 1));
  write(deploymentItem("d2", "foreign", 1));
  await all.refresh();
  const seenBy = (one: Viewer) => {
    const visibility = visibilityOf(one);
    return visibility ? [...visibleDirectory(all, visibility).customers.keys()].sort() : "all";
  };
  return { all, write, seenBy };
}

describe("customers that somebody sees", () => {
  it("are all, for admins and for whom nothing less is said", async () => {
    const { seenBy } = await portfolio();
    expect([seenBy(viewer("all")), seenBy(viewer("owned", { role: "admin" }))]).toEqual(["all", "all"]);
  });

  it("are those whom they manage, by id or by a text that names them", async () => {
    const { seenBy } = await portfolio();
    expect(seenBy(viewer("owned"))).toEqual(["linked", "named"]);
    expect(seenBy(viewer("owned", { id: "u3" }))).toEqual(["foreign"]);
  });

  it("are those of the team, however it is spelled, also of who is deactivated", async () => {
    const { seenBy } = await portfolio();
    expect(seenBy(viewer("team"))).toEqual(["linked", "named", "teammate's"]);
    expect(seenBy(viewer("team", { id: "u9", team: "north" }))).toEqual(["linked", "named", "teammate's"]);
  });

  it("are their own, of who has no team", async () => {
    const { seenBy } = await portfolio();
    expect(seenBy(viewer("team", { team: null }))).toEqual(["linked", "named"]);
    expect(seenBy(viewer("team", { id: "u9", team: " " }))).toEqual([]);
  });

  it("are those of a key that match each list of its filter, in any spelling; without one, all", async () => {
    const { all, write } = await portfolio();
    const changed_at = new Date().toISOString();
    const put = (id: string, facts: object) => write(customerItem(id, 2, { changed_at, ...facts }));
    put("linked", { account_manager_id: "u1", industry: "Energy" });
    put("named", { account_manager: "nora  NORTH", industry: "Rail" });
    put("foreign", { account_manager_id: "u3", industry: " ENERGY" });
    await all.refresh();
    const seenByKey = (customers: CustomerScope) => {
      const visibility = visibilityOfKey({ customers });
      return visibility && [...visibleDirectory(all, visibility).customers.keys()].sort();
    };
    expect(seenByKey({ account_manager_ids: ["u1"] })).toEqual(["linked", "named"]);
    expect(seenByKey({ account_manager_ids: ["u3", "u1"] })).toEqual(["foreign", "linked", "named"]);
    expect(seenByKey({ industries: ["energy"] })).toEqual(["foreign", "linked"]);
    expect(seenByKey({ account_manager_ids: ["u1"], industries: ["energy", "Water"] })).toEqual(["linked"]);
    expect(seenByKey({ account_manager_ids: ["u9"] })).toEqual([]);
    expect(visibilityOfKey({})).toBeUndefined();
  });

  it("change with what decides it: a customer, a name, a team", async () => {
    const { all, write, seenBy } = await portfolio();
    expect(seenBy(viewer("owned"))).toEqual(["linked", "named"]);
    const changed_at = new Date().toISOString();
    write(customerItem("linked", 2, { account_manager_id: "u3", changed_at }));
    await all.refresh();
    expect(seenBy(viewer("owned"))).toEqual(["named"]);
    write(teammateItem("u1", 2, { full_name: "Nora South", team: "North", changed_at }));
    write(teammateItem("u3", 2, { full_name: "Sven Sund", team: "North", changed_at }));
    await all.refresh();
    expect(seenBy(viewer("owned"))).toEqual([]);
    expect(seenBy(viewer("team")).toString()).toContain("foreign");
  });

  it("bring their deployments, orders and figures, and none of others", async () => {
    const { all } = await portfolio();
    const owned = visibilityOf(viewer("owned"));
    if (!owned) throw new Error("Nora sees all");
    const own = visibleDirectory(all, owned);
    const count = (directory: typeof own | typeof all) =>
      directory.memoize("count", () => directory.customers.size);
    expect([count(all), count(own), count(own)]).toEqual([5, 2, 2]);
    expect([...own.deployments.keys()]).toEqual(["d1"]);
    const names = own.customersBy("company_name", ({ customer }) => customer.company_name);
    expect(names.select("asc", () => true).map(({ customer }) => customer.id)).toEqual(["linked", "named"]);
    expect(() => own.totals("survey")).toThrow();
    expect(visibleDirectory(all, owned)).toBe(own);
  });
});
