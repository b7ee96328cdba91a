import { describe, expect, it } from "vitest";
import { partitionLimits, READ_UNITS } from "../support/partition-limits.ts";
import { simulate } from "./simulated/portfolio.ts";

/** As `npm run simulate:partitions`, which takes minutes; in virtual time, so it says the same on every machine. */
describe("scoring 3 000 customers while 32 functions answer ten lists a second each", () => {
  const scenario = { customers: 3_000, containers: 32, seconds: 15 };

  it("takes too long, and lists fail, with the directory in one partition", async () => {
    const { scored, seconds, lists } = await simulate({ ...scenario, layout: "one partition" });
    expect(scored / seconds).toBeLessThan(400);
    expect(lists.failed / lists.all).toBeGreaterThan(0.1);
  });

  it("is done, and no list and no write of a person fails, with batches in shards", async () => {
    const outcome = await simulate({ ...scenario, layout: "announced shards" });
    expect(outcome.scored).toBe(3_000);
    expect(outcome.scored / outcome.seconds).toBeGreaterThan(400);
    expect([outcome.lists.failed, outcome.edits.failed]).toEqual([0, 0]);
    expect(outcome.lists.p95).toBeLessThanOrEqual(10);
    expect(outcome.behind).toBeLessThan(1_500);
  });
});

it("a partition has its units again after a second, and no more than those of one", () => {
  let now = 0;
  const limits = partitionLimits(() => now);
  const use = () => limits.use("read", "a", READ_UNITS / 10);
  const served = () => Array.from({ length: 30 }, use).filter(Boolean).length;
  expect(served()).toBe(10);
  expect(limits.use("read", "b", 1)).toBe(true);
  now += 500;
  expect(served()).toBe(5);
  now += 3_600_000;
  expect(served()).toBe(10);
  expect(limits.refused.read).toBe(20 + 25 + 20);
});
