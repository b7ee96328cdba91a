import { describe, expect, test } from "vitest";
import {
  ASSUMED,
  assumedWith,
  batches,
  bill,
  billedMs,
  byBatch,
  COLUMNS,
  committed,
  crossing,
  type Inventory,
  type Measured,
  MIX,
  measuredIn,
  server,
  stored,
  total,
  unitsOf,
} from "./model.ts";
import { money, withTables } from "./paper.ts";
import { dollars, PRICES, type PriceName, RESOURCES } from "./prices.ts";
import { type IndexKeys, type Item, itemBytes, readUnits, writeUnits } from "./units.ts";

describe("prices", () => {
  test.each<[PriceName, number, number]>([
    ["dynamoWrite", 1_000_000, 0.625],
    ["dynamoRead", 8_000_000, 1],
    ["httpApiRequest", 300_000_000, 300],
    // 300 million at a dollar, 100 million at 90 cents.
    ["httpApiRequest", 400_000_000, 390],
    // 10 TB at 50 cents, 20 at 25, 20 at 10, 1 at 5.
    ["log", 51 * 1024, 5120 + 5120 + 2048 + 51.2],
    ["customMetric", 10_001, 3_000.1],
    ["lambdaGbSecond", 0, 0],
  ])("%s: so many units are priced by the tier in which they lie", (name, units, sum) => {
    expect(dollars(name, units)).toBeCloseTo(sum, 6);
  });

  test("each that a type of resource has is there, and each tier begins where the one before ends", () => {
    const named = Object.values(RESOURCES).flatMap((priced) => (typeof priced === "string" ? [] : priced));
    expect(named.filter((name) => !(name in PRICES))).toEqual([]);
    for (const { tiers } of Object.values(PRICES)) {
      const ends = tiers.map(({ upTo }) => upTo);
      expect(ends).toEqual([...new Set(ends)].sort((one, other) => one - other));
      expect(ends.at(-1)).toBe(Number.POSITIVE_INFINITY);
    }
  });
});

describe("units", () => {
  test.each<[Item, number]>([
    [{ a: { S: "xyz" } }, 4],
    [{ ä: { S: "ü" } }, 4],
    [{ n: { N: "0" } }, 2],
    [{ n: { N: "12345" } }, 5],
    [{ n: { N: "-12345" } }, 6],
    [{ n: { N: "1200" } }, 3],
    [{ yes: { BOOL: true } }, 4],
    [{ l: { L: [{ S: "ab" }, { NULL: true }] } }, 9],
    [{ m: { M: { k: { S: "v" } } } }, 7],
    [{ s: { SS: ["ab", "c"] } }, 4],
  ])("%j has so many bytes", (item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });

  test("of reading: each 4 KB that are begun, half eventually consistent, twice in a transaction", () => {
    expect([1, 4096, 4097, 9000].map((bytes) => readUnits(bytes))).toEqual([1, 1, 2, 3]);
    expect(readUnits(9000, "eventual")).toBe(1.5);
    expect(readUnits(9000, "transaction")).toBe(6);
    expect(readUnits(0, "eventual")).toBe(0.5);
  });

  const indexes: IndexKeys[] = [
    { partition: "gsi1pk", sort: "gsi1sk" },
    { partition: "gsi2pk", sort: "gsi2sk" },
  ];
  const item = (changes: Record<string, string> = {}): Item =>
    Object.fromEntries(
      Object.entries({ pk: "a", sk: "a", gsi1pk: "x", gsi1sk: "1", ...changes }).map(([name, S]) => [
        name,
        { S },
      ]),
    );
  const long = "z".repeat(2_000);
  test.each<[string, Item | undefined, Item | undefined, boolean, number]>([
    ["a new item, and its copy", undefined, item(), false, 2],
    ["the table's part alone twice in a transaction", undefined, item(), true, 3],
    ["an item that is written again as it is", item(), item(), false, 1],
    ["another attribute", item(), item({ text: "new" }), false, 2],
    ["another key of an index: out and in", item(), item({ gsi1sk: "2" }), false, 3],
    ["one that joins a second index", item(), item({ gsi2pk: "y", gsi2sk: "1" }), false, 3],
    ["one that is deleted", item(), undefined, false, 2],
    ["2 KB that are begun, three of them", undefined, item({ text: long }), false, 4],
    ["what it was, when it was larger", item({ text: long }), item(), false, 4],
    ["nothing that is deleted", undefined, undefined, false, 1],
    ["all of it at once", item({ text: long }), item({ text: long, gsi1sk: "2" }), true, 8],
  ])("of writing %s", (_, before, after, transaction, units) => {
    expect(writeUnits(before, after, { indexes, transaction })).toBe(units);
  });
});

const QUIET = {
  requests: 0,
  "read units": 0,
  "write units": 0,
  "counting requests": 0,
  "counting read units": 0,
  "counting write units": 0,
  "CPU ms": 0,
  "counting CPU ms": 0,
  "KB answered": 0,
};

/** A mix in which every call is the same, and nothing else is done. */
const every = (call: Partial<typeof QUIET>, changes: Partial<Measured> = {}): Measured => ({
  date: "2026-01-01",
  cpu: "a processor",
  node: "v24",
  customers: 1_000,
  calls: new Map(Object.keys(MIX).map((name) => [name, { call: name, ...QUIET, ...call }])),
  jobs: [],
  counting: [
    { "records in a batch": 1, requests: 1, "read units": 0, "write units": 16, "CPU ms": 1 },
    { "records in a batch": 100, requests: 0.01, "read units": 0, "write units": 8, "CPU ms": 0.5 },
  ],
  items: new Map(),
  ...changes,
});

const INVENTORY: Inventory = {
  memory: { api: 1769, jobs: 1769, streams: 1769 },
  functions: 1,
  alarmMetrics: 10,
  customMetrics: 5,
  dashboards: 1,
  secrets: 2,
  ownKeys: 0,
  isPlatformLogged: true,
  isTraced: false,
  edge: undefined,
  accessLogBytes: 0,
  logLevel: "WARN",
  logRetentionDays: 0,
  backupCopies: 0,
};
const NOTHING_LOGGED = { platformLog: false };
const SECONDS = 730 * 3600;

describe("a bill", () => {
  test("bills each millisecond that is begun, of a part of a CPU, and the waiting", () => {
    expect(billedMs(1, 0, 1769, 4)).toBe(1);
    expect(billedMs(1, 0, 1024, 4)).toBe(2);
    expect(billedMs(2, 3, 1024, 4)).toBe(16);
    // More memory than one CPU makes Node no quicker.
    expect(billedMs(2, 0, 3538, 4)).toBe(2);
  });

  test("is the hand's, line by line", () => {
    const measured = every({ requests: 2, "read units": 4, "write units": 3, "CPU ms": 2, "KB answered": 1 });
    const assumed = { ...ASSUMED, coldStarts: 0, headerBytes: 0, mails: 0, mailsWithReport: 0, reports: 0 };
    const sums = bill(measured, INVENTORY, { customers: 1_000, rate: 10 }, assumed, NOTHING_LOGGED);
    const requests = 26_280_000;
    // 2 ms of a CPU, and twice 4 of waiting.
    expect(sums.Lambda).toBeCloseTo(requests * (0.01 * (1769 / 1024) * 0.0000133334 + 0.2e-6), 6);
    expect(sums.gateway).toBeCloseTo(26.28, 6);
    expect(sums.reads).toBeCloseTo(requests * 4 * 0.125e-6, 6);
    expect(sums.writes).toBeCloseTo(requests * 3 * 0.625e-6, 6);
    expect(sums.counting).toBe(0);
    expect(sums.storage).toBe(0);
    expect(sums.logs).toBe(0);
    expect(sums.alarms).toBeCloseTo(10 * 0.1 + 5 * 0.3 + 3, 6);
    expect(sums.traces).toBe(0);
    expect(sums.edge).toBe(0);
    expect(sums.transfer).toBeCloseTo(((requests * 1024) / 1024 ** 3) * 0.09, 6);
    expect(total(sums)).toBeCloseTo(
      COLUMNS.reduce((sum, column) => sum + sums[column], 0),
      9,
    );
  });

  test("counts what customers cause when no rate is named", () => {
    const measured = every({ "write units": 1 });
    const load = { customers: 1_000 };
    expect(unitsOf(measured, load, ASSUMED).requests).toBe(100_000);
    expect(bill(measured, INVENTORY, load).writes).toBeCloseTo(0.0625, 9);
  });

  test("of logs: the gateway's line, the request's by its level, what Lambda writes, and keeping it all", () => {
    const measured = every({});
    const inventory: Inventory = {
      ...INVENTORY,
      accessLogBytes: 100,
      logLevel: "INFO",
      logRetentionDays: 73,
    };
    const load = { customers: 0, rate: 1 };
    const gb = (SECONDS * (100 + 600 + 290)) / 1024 ** 3;
    expect(bill(measured, inventory, load).logs).toBeCloseTo(gb * 0.5 + gb * 0.15 * 2.4 * 0.03, 6);
    const quiet = bill(measured, inventory, load, ASSUMED, {
      logLevel: "WARN",
      accessLog: false,
      platformLog: false,
    });
    expect(quiet.logs).toBe(0);
  });

  test("of traces: the first of each second, and a twentieth of the rest", () => {
    const traced = (rate: number) =>
      bill(every({}), { ...INVENTORY, isTraced: true }, { customers: 0, rate }).traces;
    expect(traced(0.5)).toBeCloseTo(0.5 * SECONDS * 5e-6, 6);
    expect(traced(21)).toBeCloseTo(2 * SECONDS * 5e-6, 6);
    expect(
      bill(every({}), { ...INVENTORY, isTraced: true }, { customers: 0, rate: 21 }, ASSUMED, {
        traces: false,
      }).traces,
    ).toBe(0);
  });

  test("of the edge: requests, its function, the firewall, its log, and answers at its price instead of the region's", () => {
    const measured = every({ "KB answered": 1 });
    const assumed = { ...ASSUMED, headerBytes: 0 };
    const edge = { rules: 6, functions: 1, logBytes: 300 };
    const load = { customers: 0, rate: 10 };
    const sums = bill(measured, { ...INVENTORY, edge }, load, assumed);
    expect(sums.edge).toBeCloseTo(26.28 * (1 + 0.1 + 0.6) + 5 + 6, 6);
    expect(sums.logs - bill(measured, INVENTORY, load, assumed).logs).toBeCloseTo(
      ((26_280_000 * 300) / 1024 ** 3) * 0.5,
      6,
    );
    expect(sums.transfer).toBeCloseTo(((26_280_000 * 1024) / 1024 ** 3) * 0.085, 6);
    expect(bill(measured, INVENTORY, load, assumed, { edge: true })).toEqual(sums);
  });

  test("of jobs: a first run a month and the days after it, in proportion to the customers", () => {
    const job = { ...QUIET, customers: 100 };
    const jobs = [
      { ...job, job: "daily_health_scores", run: "first" as const, "write units": 50 },
      { ...job, job: "daily_health_scores", run: "again" as const, "write units": 5 },
      { ...job, job: "scheduled_reports", run: "first" as const, "write units": 1e9 },
      { ...job, job: "scheduled_reports", run: "again" as const, "write units": 1 },
      { ...job, job: "directory_snapshot", run: "first" as const, "write units": 2 },
    ];
    const { writes } = unitsOf(every({}, { jobs }), { customers: 1_000 }, ASSUMED);
    const days = 730 / 24;
    expect(writes).toBeCloseTo(500 + 50 * (days - 1) + 10 * 730 + 20 * 2 * days, 6);
  });

  test("of storage: items and their copies, what is added in a year, and recovery of the table alone", () => {
    const kept = { kind: "interaction", "items of a customer": 10, bytes: 924, "index copies": 2 };
    const scores = { kind: "scores", "items of a customer": 1, bytes: 924, "index copies": 0 };
    const items = new Map([kept, scores].map((one) => [one.kind, one]));
    const assumed = { ...ASSUMED, requestsOfCustomer: 0 };
    const { table, indexes } = stored(every({}, { items }), { customers: 1_000 }, assumed);
    expect(table).toBeCloseTo((1_000 * (10 + 1 + 365) * 1024) / 1024 ** 3, 9);
    expect(indexes).toBeCloseTo((1_000 * 20 * 1024) / 1024 ** 3, 9);
    const { storage } = bill(
      every({}, { items }),
      INVENTORY,
      { customers: 1_000 },
      { ...assumed, reports: 0 },
    );
    expect(storage).toBeCloseTo((table + indexes) * 0.25 + table * 0.2, 9);
  });
});

describe("counting", () => {
  test("costs a record the less, the more come in a batch", () => {
    const measured = every({});
    expect([1, 10, 100, 1_000].map((size) => byBatch(measured, size, "write units"))).toEqual([16, 12, 8, 8]);
  });

  test("meets what four looks a second into each shard find", () => {
    expect(batches(0.1, ASSUMED)).toEqual({ size: 1, perSecond: 0.1 });
    expect(batches(160, ASSUMED)).toEqual({ size: 10, perSecond: 16 });
    expect(batches(160, { ...ASSUMED, batchingWindow: 1 })).toEqual({ size: 40, perSecond: 4 });
  });

  test("is a line of its own, which is nothing when nothing is counted", () => {
    const measured = every({ "counting requests": 1, "counting write units": 16 });
    const load = { customers: 0, rate: 160 };
    const sums = bill(measured, INVENTORY, load);
    // 12 units a record in batches of ten, 16 of them a second, each waiting twice for 4 ms.
    const units = 160 * SECONDS * 12 * 0.625e-6;
    const lambda = 16 * SECONDS * (0.008 * (1769 / 1024) * 0.0000133334 + 0.2e-6);
    expect(sums.counting).toBeCloseTo(units + lambda, 4);
    expect(sums.writes).toBe(0);
    expect(bill(measured, INVENTORY, load, ASSUMED, { counts: false }).counting).toBe(0);
  });
});

describe("beside it", () => {
  const measured = every({ requests: 2, "read units": 3, "write units": 1, "CPU ms": 2 });

  test("provisioned capacity costs by the hour, for a peak that is larger than what is used", () => {
    const only = every({ "write units": 1 });
    const load = { customers: 0, rate: 7 };
    const { "on demand": before, provisioned } = committed(only, INVENTORY, load);
    expect(before - provisioned).toBeCloseTo(7 * SECONDS * 0.625e-6 - 10 * 730 * 0.00065, 6);
  });

  test("the server has two tasks at least, and grows with the load", () => {
    const small = server(measured, INVENTORY, { customers: 100 });
    expect(small).toMatchObject({ tasks: "2 × 0.25 vCPU, 0.5 GB", database: "db.t4g.medium" });
    expect(small.compute).toBeCloseTo(730 * (0.13 + 2 * (0.25 * 0.03238 + 0.5 * 0.00356)), 6);
    // 950 × 2 ms are nearly two CPUs; half busy they are four, in two tasks.
    expect(server(measured, INVENTORY, { customers: 100, rate: 950 })).toMatchObject({
      tasks: "2 × 2 vCPU, 4 GB",
      database: "db.m7g.2xlarge",
    });
  });

  test("it is cheaper from a rate on, and not below", () => {
    const rate = crossing(measured, INVENTORY, 100) ?? 0;
    const ours = (at: number) => total(bill(measured, INVENTORY, { customers: 100, rate: at }));
    const theirs = (at: number) => server(measured, INVENTORY, { customers: 100, rate: at }).sum;
    expect(ours(rate)).toBeGreaterThan(theirs(rate));
    expect(ours(rate / 1.05)).toBeLessThan(theirs(rate / 1.05));
  });
});

test("a run of the bench that lacks a call of the mix is refused by name", () => {
  const results = { cores: 2, sizes: [1], calibration: {}, tables: {} };
  expect(() => measuredIn(results)).toThrow("Not measured: /auth/me, ");
});

test("assumptions are set by name, and what is none is refused", () => {
  expect(assumedWith(["databaseMs=6", "years=0.5"])).toEqual({ ...ASSUMED, databaseMs: 6, years: 0.5 });
  for (const wrong of [
    "databaseMs",
    "databaseMs=",
    "databaseMs=-1",
    "databaseMs=x",
    "nope=1",
    "requestLineBytes=1",
    "toString=1",
  ])
    expect(() => assumedWith([wrong])).toThrow(`--set ${wrong}: write the name of an assumption`);
});

test("sums are rounded in one way", () => {
  expect([0, 0.004, 1.005, 9.99, 9.996, 12.5, 1234.5, -3.2, -1234].map(money)).toEqual([
    "0.00",
    "0.00",
    "1.00",
    "9.99",
    "10",
    "13",
    "1 235",
    "-3.20",
    "-1 234",
  ]);
});

test("a paper without a place for a table is refused, one with a place keeps all else", () => {
  expect(() => withTables("# Cost", { mix: "| a |" })).toThrow("docs/cost.md has no place for mix");
  const paper = "before\n<!-- mix: npm run cost -- --write -->\nold\n<!-- end -->\nafter";
  expect(withTables(paper, { mix: "new" })).toBe(
    "before\n<!-- mix: npm run cost -- --write -->\n\nnew\n\n<!-- end -->\nafter",
  );
});
