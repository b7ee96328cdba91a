import { describe, expect, it } from "vitest";
import { partitions } from "./keys.ts";
import {
  fieldsInScope,
  isHiddenPartition,
  isShownItem,
  outsideScope,
  rowsInScope,
  type Scope,
  shownItems,
  withinScope,
} from "./scope.ts";

const scope = (): Scope => ({
  key: "owned u1",
  caller_id: "u1",
  shows: (id) => id === "mine",
  showsStored: ({ account_manager_id }) => account_manager_id === "u1",
  counted: async () => [],
});
const within = <T>(run: () => T) => withinScope(scope(), run);

describe("within a scope", () => {
  it("an item is shown when its customer is", () => {
    const shown = (customer_id?: string) => within(() => isShownItem("interaction#i1", { customer_id }));
    expect([shown("mine"), shown("theirs"), shown("none"), shown()]).toEqual([true, false, false, false]);
  });

  it("a customer's own item decides, ahead of the directory, also about what is theirs", () => {
    const found = new Map(
      [
        { pk: "interaction#i1", sk: "interaction", customer_id: "new" },
        { pk: "interaction#i2", sk: "interaction", customer_id: "mine" },
        { pk: "customer#new", sk: "customer", account_manager_id: "u1" },
        { pk: "customer#mine", sk: "customer", account_manager_id: "u2" },
      ].map((item) => [item.pk, item]),
    );
    expect([...within(() => shownItems(found)).keys()].sort()).toEqual(["customer#new", "interaction#i1"]);
  });

  it("reports and schedules are shown to whose they are; no report that tells of all", () => {
    const shown = (key: string, item: object) => within(() => isShownItem(key, { ...item }));
    expect([
      shown("report#r", { owner_id: "u1", is_narrowed: true }),
      shown("report#r", { owner_id: "u1" }),
      shown("report#r", { owner_id: "u2", is_narrowed: true }),
      shown("report#r", { is_narrowed: true }),
      shown("report_schedule#s", { created_by_id: "u1" }),
      shown("report_schedule#s", { created_by_id: "u2" }),
    ]).toEqual([true, false, false, false, true, false]);
  });

  it("what nobody has thought of is shown to nobody", () => {
    expect(within(() => isShownItem("novelty#n1", { customer_id: "mine" }))).toBe(false);
    expect(() => within(() => rowsInScope(partitions.type("novelty")))).toThrow(/all customers/);
    expect(() => within(() => rowsInScope(partitions.type("directory")))).toThrow(/all customers/);
    expect(() => within(() => rowsInScope(partitions.type("alert_condition")))).toThrow(/all customers/);
  });

  it("partitions of a customer are shown whole or not at all", () => {
    const rows = (id: string) => within(() => rowsInScope(partitions.customer(id))?.({}));
    const scores = (id: string) => within(() => rowsInScope(partitions.scores(id))?.({}));
    expect([rows("mine"), rows("theirs"), scores("mine"), scores("theirs")]).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });

  it("of a hidden partition no further page is read", () => {
    const hidden = (partition: Parameters<typeof isHiddenPartition>[0]) =>
      within(() => isHiddenPartition(partition));
    expect([
      ...["mine", "theirs"].map((id) => hidden(partitions.customer(id))),
      ...["mine", "theirs"].map((id) => hidden(partitions.scores(id))),
      hidden(partitions.type("interaction")),
    ]).toEqual([false, true, false, true, false]);
  });

  it("counters of one customer are that customer's", () => {
    const shown = (id: string) => within(() => isShownItem(`rollup#customer#${id}`, {}));
    expect([shown("mine"), shown("theirs")]).toEqual([true, false]);
  });

  it("it is read along whose a row is", () => {
    expect(within(() => fieldsInScope(["subject"], "interaction"))).toEqual(["subject", "customer_id"]);
    expect(within(() => fieldsInScope(undefined, "interaction"))).toBeUndefined();
    expect(fieldsInScope(["subject"], "interaction")).toEqual(["subject"]);
  });
});

it("without a scope, and where memory is filled, everything is shown", () => {
  const shown = () => isShownItem("interaction#i1", { customer_id: "theirs" });
  expect([shown(), within(() => outsideScope(shown))]).toEqual([true, true]);
  expect(rowsInScope(partitions.type("directory"))).toBeUndefined();
});
