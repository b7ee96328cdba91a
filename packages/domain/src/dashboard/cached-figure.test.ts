import { describe, expect, it } from "vitest";
import { createDirectory } from "../directory/directory.ts";
import { customerItem } from "../directory/fixture/items.ts";
import { table } from "../directory/fixture/table.ts";
import { cachedFigure } from "./api.ts";

async function directoryOfOne() {
  const stored = table();
  stored.write(customerItem("c1", 1));
  const copy = createDirectory(stored.feed);
  await copy.refresh();
  /** Each time that it is computed, another object. */
  const count = (key = "count", source?: object) =>
    cachedFigure(copy, key, (rows) => ({ customers: rows.length }), source);
  return { copy, stored, count };
}

describe("a cached figure", () => {
  it("is computed once, and anew when a row has changed", async () => {
    const { copy, stored, count } = await directoryOfOne();
    const first = count();
    expect(first).toEqual({ customers: 1 });
    expect(count()).toBe(first);
    stored.write(customerItem("c2", 1, { changed_at: new Date().toISOString() }));
    await copy.refresh();
    expect(count()).toEqual({ customers: 2 });
  });

  it("is another one under another key", async () => {
    const { count } = await directoryOfOne();
    expect(count("today")).not.toBe(count("tomorrow"));
  });

  it("is computed anew when its source is another object", async () => {
    const { count } = await directoryOfOne();
    const [alerts, others] = [new Map(), new Map()];
    const first = count("alerts", alerts);
    expect(count("alerts", alerts)).toBe(first);
    const second = count("alerts", others);
    expect(second).not.toBe(first);
    expect(count("alerts", others)).toBe(second);
  });
});
