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

const instance = (memoryMb = 100): Instance => ({
  run: async () => ({ payload: "", logs: "" }),
  isGone: () => false,
  memoryMb: () => memoryMb,
  collectGarbage: () => undefined,
  stop: async () => undefined,
});

test("beyond the most, the instances end that were idle for longest, and no more of them than necessary", () => {
  const capacity = open();
  for (const name of ["first", "second", "third"]) {
    const started = instance();
    capacity.add(started);
    capacity.idle(started, () => ended.push(name));
  }
  expect(ended).toEqual([]);
  capacity.add(instance(150));
  expect(ended).toEqual(["first"]);
  capacity.add(instance(150));
  expect(ended).toEqual(["first", "second", "third"]);
});

test("a busy instance does not end, however little memory there is; when it is idle it does", () => {
  const capacity = open();
  const [busy, other] = [instance(), instance(300)];
  capacity.add(busy);
  capacity.idle(busy, () => ended.push("too early"));
  capacity.busy(busy);
  capacity.add(other);
  expect(ended).toEqual([]);
  capacity.idle(other, () => ended.push("other"));
  expect(ended).toEqual(["other"]);
});

test("what is more than usual ends when it has been idle for a while; the rest stays for good", () => {
  const capacity = open();
  for (const name of ["first", "second"]) {
    const started = instance();
    capacity.add(started);
    capacity.idle(started, () => ended.push(name));
  }
  vi.advanceTimersByTime(900);
  expect(ended).toEqual([]);
  vi.advanceTimersByTime(2000);
  expect(ended).toEqual(["first"]);
  vi.advanceTimersByTime(3_600_000);
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
