import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type SmallAssembly, writeSmallAssembly } from "../fixture/small-assembly.ts";
import { readAssembly } from "../template/assembly.ts";
import { createResolver } from "../template/resolver.ts";
import { type CapacityLimits, createCapacity, UNLIMITED } from "./capacity.ts";
import { type FunctionDefinition, functionsOf } from "./definition.ts";
import { createPool, type Pool } from "./pool.ts";

let small: SmallAssembly;
let faulty: FunctionDefinition;
let pool: Pool | undefined;
let printed = "";

beforeAll(async () => {
  small = await writeSmallAssembly();
  const assembly = readAssembly(small.folder);
  const found = functionsOf(assembly, createResolver(assembly, "http://127.0.0.1")).find(({ name }) =>
    name.endsWith("faulty"),
  );
  if (found === undefined) throw new Error("the small assembly has a function faulty");
  faulty = found;
});
afterAll(() => small.remove());
afterEach(async () => {
  await pool?.stop();
  printed = "";
});

function open(
  changes: Partial<FunctionDefinition> = {},
  maxInstances = 4,
  limits: CapacityLimits = UNLIMITED,
): Pool {
  const print = (text: string) => {
    printed += text;
  };
  const capacity = createCapacity(limits);
  pool = createPool({ ...faulty, ...changes }, { environment: {}, maxInstances, capacity, print });
  return pool;
}

async function run(target: Pool, instruction: unknown) {
  const { payload, ...rest } = await target.run(JSON.stringify(instruction));
  return { ...rest, payload: JSON.parse(payload) };
}

test("an instance keeps its module state from one event to the next", async () => {
  const target = open();
  expect((await run(target, {})).payload.events).toBe(1);
  expect((await run(target, {})).payload).toMatchObject({ events: 2, name: "small-test-faulty" });
});

test("parallel events run side by side in instances of their own", async () => {
  const target = open();
  await Promise.all([run(target, {}), run(target, {})]);
  const gate = join(small.folder, "gate");
  const waiting = run(target, { until: gate });
  expect((await run(target, {})).payload.events).toBe(2);
  writeFileSync(gate, "");
  expect((await waiting).payload.events).toBe(2);
});

test("events beyond the last instance wait for one", async () => {
  const target = open({}, 1);
  const all = await Promise.all([run(target, { sleep: 50 }), run(target, {}), run(target, {})]);
  expect(all.map(({ payload }) => payload.events)).toEqual([1, 2, 3]);
});

test("there are never more instances than allowed", async () => {
  const target = open({}, 2);
  const all = await Promise.all(Array.from({ length: 7 }, () => run(target, { sleep: 20 })));
  expect(all.filter(({ payload }) => payload.events === 1)).toHaveLength(2);
});

/** Not even one instance fits in. */
const NO_MEMORY: CapacityLimits = { usualMb: 0, mostMb: 0, idleMs: 0 };

test("while memory is short an instance ends when it has nothing to do; the next event starts afresh", async () => {
  const target = open({}, 4, NO_MEMORY);
  await run(target, {});
  await vi.waitFor(async () => expect((await run(target, {})).payload.events).toBe(1), {
    timeout: 60_000,
    interval: 500,
  });
});

test("while memory is short events wait for a busy instance", async () => {
  // Nobody ends, and there is room for no other one. It is there already: events do not wait for ever.
  const target = open({}, 4, { usualMb: 0, mostMb: Number.POSITIVE_INFINITY, idleMs: 600_000 });
  await run(target, {});
  const all = await Promise.all([run(target, { sleep: 50 }), run(target, {}), run(target, {})]);
  expect(all.map(({ payload }) => payload.events)).toEqual([2, 3, 4]);
});

test("an event that waits in vain, perhaps for one that waits for it, gets another instance all the same", async () => {
  const target = open({ timeoutMs: 60_000 }, 4, NO_MEMORY);
  const gate = join(small.folder, "late-gate");
  const waiting = run(target, { until: gate });
  expect((await run(target, {})).payload.events).toBe(1);
  writeFileSync(gate, "");
  expect((await waiting).payload.events).toBe(1);
});

test("the context counts down the time that is left", async () => {
  const { payload } = await run(open({ timeoutMs: 60_000 }), { sleep: 150 });
  expect(payload.left).toBeGreaterThan(30_000);
  expect(payload.left).toBeLessThanOrEqual(59_900);
});

test.each([{ sleep: 60_000 }, { spin: true }])(
  "a function that takes too long (%j) is ended, the next event starts afresh",
  async (instruction) => {
    const target = open({ timeoutMs: 1000 });
    await run(target, {});
    const late = await run(target, instruction);
    expect(late).toMatchObject({ functionError: "Unhandled", timedOut: true });
    expect(late.payload.errorMessage).toMatch(/Task timed out after 1.00 seconds/);
    expect((await run(target, {})).payload.events).toBe(1);
  },
);

test("a thrown error is the event's result and leaves the instance alive", async () => {
  const target = open();
  const failed = await run(target, { throw: "no such thing" });
  expect(failed.functionError).toBe("Unhandled");
  expect(failed.payload).toMatchObject({ errorType: "TypeError", errorMessage: "no such thing" });
  expect((await run(target, {})).payload.events).toBe(2);
});

test.each([
  [{ exit: 3 }, "Runtime.ExitError", /exit status 3/],
  [{ reject: true }, "Error", /nobody waited/],
])(
  "a crash (%j) fails this one event, the next gets a fresh instance",
  async (instruction, errorType, message) => {
    const target = open({}, 1);
    const [crashed, next] = await Promise.all([run(target, instruction), run(target, {})]);
    expect(crashed.functionError).toBe("Unhandled");
    expect(crashed.payload.errorType).toBe(errorType);
    expect(crashed.payload.errorMessage).toMatch(message);
    expect(next.payload.events).toBe(1);
  },
);

test("what a function prints belongs to its event, also when it crashes afterwards", async () => {
  const target = open();
  expect((await run(target, { print: "one" })).logs).toBe("one\n");
  expect((await run(target, { print: "two", exit: 1 })).logs).toBe("two\n");
  expect(printed).toContain("one\ntwo\n");
});

test("a handler that is not there is an error of each event", async () => {
  const failed = await run(open({ handler: "nobody" }), {});
  expect(failed.payload.errorType).toBe("Runtime.ImportModuleError");
  expect(failed.payload.errorMessage).toMatch(/exports no function "nobody"/);
});

test("events that still wait when the cloud stops fail instead of hanging", async () => {
  const target = open({}, 1);
  const waiting = [run(target, { sleep: 900 }), run(target, {}), run(target, {})];
  await target.stop();
  expect((await Promise.all(waiting)).map(({ functionError }) => functionError)).toEqual([
    "Unhandled",
    "Unhandled",
    "Unhandled",
  ]);
});
