import { Worker } from "node:worker_threads";
import { afterEach, describe, expect, test } from "vitest";
import { createVirtualClock } from "./virtual-clock.js";

const START = new Date("2024-02-28T23:59:30.000Z");

/** What a thread that follows a clock answers, in whichever way it asks for the time. */
const ASKING = `
import { parentPort, workerData } from "node:worker_threads";
const { followVirtualClock } = await import(workerData.module);
followVirtualClock(workerData.clock);
class Later extends Date {}
parentPort.on("message", async () => {
  const began = performance.now();
  await new Promise((resolve) => setTimeout(resolve, 20));
  parentPort.postMessage({
    now: Date.now(),
    made: new Date().getTime(),
    again: new (new Date(0).constructor)().getTime(),
    derived: new Later().getTime(),
    told: Date.parse(Date()),
    given: new Date(5).getTime(),
    fields: new Date(2024, 0, 31).getTime() === Date.UTC(2024, 0, 31) + new Date(2024, 0, 31).getTimezoneOffset() * 60_000,
    parsed: Date.parse("2024-01-31T00:00:00Z"),
    isDate: new Date() instanceof Date && new Later() instanceof Date && new Later() instanceof Later,
    waited: performance.now() - began,
  });
});
`;

let worker: Worker | undefined;
afterEach(async () => {
  await worker?.terminate();
  worker = undefined;
});

function follow(clock: SharedArrayBuffer) {
  const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(ASKING)}`), {
    workerData: { clock, module: new URL("./virtual-clock.js", import.meta.url).href },
  });
  worker = thread;
  return () =>
    new Promise<Record<string, number | boolean>>((resolve, reject) => {
      thread.once("message", resolve);
      thread.once("error", reject);
      thread.postMessage("ask");
    });
}

describe("a thread that follows a virtual clock", () => {
  test("sees its time in all ways to ask, and timers of the machine", async () => {
    const clock = createVirtualClock(START);
    const ask = follow(clock.memory);
    const before = clock.now().getTime();
    const { now, made, again, derived, told, ...others } = await ask();
    const after = clock.now().getTime();
    for (const seen of [now, made, again, derived]) {
      expect(seen).toBeGreaterThanOrEqual(before);
      expect(seen).toBeLessThanOrEqual(after);
    }
    // As text, without milliseconds.
    expect(Math.abs(Number(told) - Number(now))).toBeLessThan(1_000 + after - before);
    expect(others).toMatchObject({ given: 5, fields: true, parsed: Date.UTC(2024, 0, 31), isDate: true });
    expect(others.waited).toBeGreaterThan(10);
    expect(after - before).toBeLessThan(120_000);
  });

  test("is put forward with it, while it runs", async () => {
    const clock = createVirtualClock(START);
    const ask = follow(clock.memory);
    await ask();
    clock.set(new Date("2025-01-01T12:00:00.000Z"));
    const { now } = await ask();
    expect(new Date(Number(now)).toISOString()).toMatch(/^2025-01-01T12:0/);
  });
});

test("a virtual clock goes as the machine's does, and never back", async () => {
  const clock = createVirtualClock(START);
  const [machine, virtual] = [Date.now(), clock.now().getTime()];
  await new Promise((resolve) => setTimeout(resolve, 30));
  const went = clock.now().getTime() - virtual;
  expect(Math.abs(went - (Date.now() - machine))).toBeLessThanOrEqual(2);
  expect(went).toBeGreaterThan(0);
  expect(() => clock.set(START)).toThrow("can't go back");
  expect(() => clock.set(new Date(Number.NaN))).toThrow("can't go back");
});
