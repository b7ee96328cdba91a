import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type SmallAssembly, writeSmallAssembly } from "../fixture/small-assembly.ts";
import { createCapacity, UNLIMITED } from "../functions/capacity.ts";
import { functionsOf } from "../functions/definition.ts";
import { createPool, createRegistry, type Pool } from "../functions/pool.ts";
import { readAssembly } from "../template/assembly.ts";
import { createResolver } from "../template/resolver.ts";
import { type Schedule, schedulesOf, startSchedules } from "./scheduler.ts";

/** Generous: only what never comes is an error. */
const LIMIT = { timeout: 100_000 };

let small: SmallAssembly;
let pools: Pool[];
let printed = "";
let morning: Schedule;

beforeAll(async () => {
  small = await writeSmallAssembly();
  const assembly = readAssembly(small.folder);
  const resolver = createResolver(assembly, "http://127.0.0.1");
  const print = (text: string) => {
    printed += text;
  };
  pools = functionsOf(assembly, resolver).map((item) =>
    createPool(item, { environment: {}, maxInstances: 1, capacity: createCapacity(UNLIMITED), print }),
  );
  const [only, ...others] = schedulesOf(assembly, resolver, createRegistry(pools).find);
  // The second schedule of the fixture is disabled.
  expect(others).toEqual([]);
  if (only === undefined) throw new Error("the small assembly has a schedule");
  morning = only;
});
afterAll(async () => {
  await Promise.all(pools.map((pool) => pool.stop()));
  await small.remove();
});

/** The fixture's schedule, every second, on the function that does what it is told. */
function everySecond(input: unknown): Schedule {
  const pool = pools.find(({ definition }) => definition.name.endsWith("faulty"));
  if (pool === undefined) throw new Error("the small assembly has a function faulty");
  const timing = { kind: "rate", everySeconds: 1 } as const;
  return { ...morning, timing, pool, input: JSON.stringify(input), retries: 1 };
}

test("a schedule starts its function with the time for which it was due", async () => {
  const running = startSchedules(
    [everySecond({ print: "due <aws.scheduler.scheduled-time>" })],
    () => undefined,
  );
  await vi.waitFor(() => expect(printed).toMatch(/^due \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/m), LIMIT);
  running.stop();
});

test("a job that fails is tried again, then its event is reported as dead-lettered", async () => {
  const lines: string[] = [];
  const running = startSchedules([everySecond({ throw: "no" })], (line) => lines.push(line));
  const givenUp = 'small-test-faulty: gave up after 2 attempts; dead-lettered event: {"throw":"no"}';
  await vi.waitFor(() => expect(lines).toContain(givenUp), LIMIT);
  running.stop();
});
