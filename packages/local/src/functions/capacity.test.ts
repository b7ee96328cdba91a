import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createCapacity } from "./capacity.ts";
import type { Instance } from "./instance.ts";

let ended: string[];
beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "performance"] });
  ended = [];
});
afterEach(() => {
  vi.useRealTimers();
});

/** Room for three of 100 MB at once, and for one in the long run. */
const open = () => createCapacity({ usualMb: 150, mostMb: 350, idleMs: 1000 });

/** @param garbageMb what it throws away when it is told to */
const instance = (memoryMb = 100, garbageMb = 0): Instance => {
  let now = memoryMb;
  return {
    run: async () => ({ payload: "", logs: "" }),
    isGone: () => false,
    memoryMb: () => now,
    collectGarbage: async () => {
      now = memoryMb - garbageMb;
    },
    stop: async () => undefined,
  };
};

test("beyond the most, the instances end that were idle for longest, and no more of them than necessary", async () => {
  const capacity = open();
  for (const name of ["first", "second", "third"]) {
    const started = instance();
    capacity.add(started);
    capacity.idle(started, () => ended.push(name));
  }
  expect(ended).toEqual([]);
  capacity.add(instance(150));
  await expect.poll(() => ended).toEqual(["first"]);
  capacity.add(instance(150));
  expect(ended).toEqual(["first", "second", "third"]);
});

test("nobody ends when it is enough that idle instances throw away what they no longer need", async () => {
  const capacity = open();
  const [first, second, busy] = [instance(150, 100), instance(150, 100), instance(100)];
  for (const started of [first, second]) {
    capacity.add(started);
    capacity.idle(started, () => ended.push("too early"));
  }
  capacity.add(busy);
  await expect.poll(() => first.memoryMb() + second.memoryMb()).toBe(100);
  expect(ended).toEqual([]);
});

test("who is idle for a while throws away what it no longer needs, also with memory left", async () => {
  const capacity = open();
  const only = instance(100, 70);
  capacity.add(only);
  capacity.idle(only, () => ended.push("too early"));
  await vi.advanceTimersByTimeAsync(2000);
  expect(only.memoryMb()).toBe(30);
  expect(vi.getTimerCount()).toBe(0);
  expect(ended).toEqual([]);
});

test("a busy instance does not end, however little memory there is; when it is idle it does", async () => {
  const capacity = open();
  const [busy, other] = [instance(), instance(300)];
  capacity.add(busy);
  capacity.idle(busy, () => ended.push("too early"));
  capacity.busy(busy);
  capacity.add(other);
  expect(ended).toEqual([]);
  capacity.idle(other, () => ended.push("other"));
  await expect.poll(() => ended).toEqual(["other"]);
});

test("what is more than usual ends when it has been idle for a while; the rest stays for good", async () => {
  const capacity = open();
  for (const name of ["first", "second"]) {
    const started = instance();
    capacity.add(started);
    capacity.idle(started, () => ended.push(name));
  }
  await vi.advanceTimersByTimeAsync(900);
  expect(ended).toEqual([]);
  await vi.advanceTimersByTimeAsync(2000);
  expect(ended).toEqual(["first"]);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(ended).toEqual(["first"]);
});

test("there is room for what is not needed as long as no more is taken than usual", () => {
  const capacity = open();
  const first = instance();
  expect(capacity.hasRoom()).toBe(true);
  capacity.add(first);
  expect(capacity.hasRoom()).toBe(true);
  capacity.add(instance());
  expect(capacity.hasRoom()).toBe(false);
  capacity.remove(first);
  expect(capacity.hasRoom()).toBe(true);
});
