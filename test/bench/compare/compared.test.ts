import { expect, test } from "vitest";
import { LOOP, type Results } from "../results.ts";
import { compared } from "./compared.ts";
import { report } from "./report.ts";

/** A run that measured one table of calls. */
const run = (rows: Results["tables"][string], more: Partial<Results> = {}): Results => ({
  cores: 2,
  sizes: [100],
  calibration: {},
  tables: { calls: rows },
  ...more,
});

/** The verdict on the only figure of the only row. */
function verdict(column: string, old: number, now: number, machine?: readonly [number, number]) {
  const row = (value: number) => [{ call: "/customers", [column]: value }];
  const calibration = (ms: number | undefined): Results["calibration"] =>
    ms === undefined ? {} : { [LOOP]: ms };
  const { tables } = compared(
    run(row(old), { calibration: calibration(machine?.[0]) }),
    run(row(now), { calibration: calibration(machine?.[1]) }),
  );
  return tables[0]?.rows[0]?.figures[0]?.verdict;
}

test("a call that takes longer than noise explains is worse, one that takes less is better", () => {
  expect(verdict("p50 ms (100)", 10, 11.4)).toBe("same");
  expect(verdict("p50 ms (100)", 10, 11.6)).toBe("worse");
  expect(verdict("p50 ms (100)", 10, 8)).toBe("better");
});

test("the slowest calls may vary more than those in the middle", () => {
  expect(verdict("p95 ms (100)", 10, 14)).toBe("same");
  expect(verdict("p95 ms (100)", 10, 16)).toBe("worse");
  expect(verdict("lag max ms", 10, 14)).toBe("same");
});

test("processor time is steadier, and told first", () => {
  expect(verdict("function CPU ms", 10, 10.9)).toBe("same");
  expect(verdict("function CPU ms", 10, 11.1)).toBe("worse");
  expect(verdict("stream CPU ms", 0.01, 0.04)).toBe("same");
  expect(verdict("other threads' CPU ms", 10, 14)).toBe("same");
  expect(verdict("CPU µs", 10, 5)).toBe("better");
  expect(verdict("allocated KB", 100, 110)).toBe("same");
  const tables = {
    calls: [{ call: "/a", "p50 ms (100)": 1 }],
    CPU: [{ call: "/a", "function CPU ms": 1 }],
  };
  const told = report(compared(run([], { tables }), run([], { tables })));
  expect(told.indexOf("## CPU")).toBeLessThan(told.indexOf("## calls"));
});

test("any more requests or units are worse: they do not depend on the machine", () => {
  expect(verdict("requests (100)", 3, 4)).toBe("worse");
  expect(verdict("units (100)", 100, 100.5)).toBe("worse");
  expect(verdict("units (100)", 100, 99.5)).toBe("better");
  expect(verdict("failed", 0, 1)).toBe("worse");
  expect(verdict("failed", 0, 0)).toBe("same");
});

test("fewer calls a second are worse", () => {
  expect(verdict("requests/s", 500, 400)).toBe("worse");
  expect(verdict("scored per second", 500, 600)).toBe("better");
});

test("a machine that was slower for everything makes nothing worse", () => {
  expect(verdict("p50 ms (100)", 10, 20, [5, 10])).toBe("same");
  expect(verdict("p50 ms (100)", 10, 20, [5, 5])).toBe("worse");
  expect(verdict("requests/s", 500, 250, [5, 10])).toBe("same");
  expect(verdict("requests (100)", 2, 3, [5, 10])).toBe("worse");
});

test("the ratio is also told relative to each calibration that both runs have", () => {
  const calibration = { [LOOP]: 5, "GET /auth/me": 4 };
  const { machine, tables } = compared(
    run([{ call: "/customers", "p50 ms (100)": 10 }], { calibration }),
    run([{ call: "/customers", "p50 ms (100)": 30 }], { calibration: { [LOOP]: 10, other: 1 } }),
  );
  expect(machine).toEqual({ [LOOP]: 2 });
  expect(tables[0]?.rows[0]?.figures).toMatchObject([{ ratio: 3, relative: { [LOOP]: 1.5 } }]);
});

test("how many there were of something is neither better nor worse", () => {
  expect(verdict("scored", 84, 90)).toBe("same");
});

test("what follows from other figures is not compared", () => {
  for (const column of ["p50 growth", "units growth", "reference (100)", "times faster (100)", "× bare"])
    expect(verdict(column, 1, 9), column).toBeUndefined();
});

test("rows are found by what their texts say, numbers of customers included", () => {
  const old = [
    { customers: 100, check: "inactivity", "rerun s": 1 },
    { customers: 1000, check: "inactivity", "rerun s": 2 },
  ];
  const now = old.toReversed().map((row) => ({ ...row, "rerun s": row["rerun s"] * 2 }));
  const [table] = compared(run(old), run(now)).tables;
  expect(table?.rows.map(({ figures }) => figures.map(({ ratio }) => ratio))).toEqual([[2], [2]]);
});

test("what only one run has is told", () => {
  const old = run([{ call: "/gone", "p50 ms (100)": 1 }], {
    tables: { calls: [{ call: "/gone", a: 1 }], lag: [] },
  });
  const now = run([], { tables: { calls: [{ call: "/new", b: 1 }], cold: [] } });
  const { tables, tablesOfOne } = compared(old, now);
  expect(tablesOfOne).toEqual({ old: ["lag"], new: ["cold"] });
  expect(tables[0]).toMatchObject({
    rows: [],
    rowsOfOne: { old: ["/gone"], new: ["/new"] },
    columnsOfOne: { old: ["a"], new: ["b"] },
  });
});

test("runs on different machines or portfolios are told apart", () => {
  const old = run([], { cores: 2, sizes: [100], node: "v24.1.0" });
  const now = run([], { cores: 8, sizes: [100, 10_000] });
  expect(compared(old, now).differences).toEqual([
    "Cores: 2 in the old run, 8 in the new one",
    "Customers: 100 in the old run, 100, 10000 in the new one",
  ]);
});

test("a machine that others disturbed is told", () => {
  const [calm, disturbed] = [run([], { noise: 1.1 }), run([], { noise: 2 })];
  expect(compared(calm, calm).differences).toEqual([]);
  expect(compared(calm, disturbed).differences).toEqual([
    "The machine was not calm in the new run: its noise was 2.00, below 1.3 it is calm",
  ]);
});

test("figures that could not be measured are no verdict", () => {
  expect(verdict("units (100)", Number.NaN, 4)).toBe("same");
});

test("a report shows ratios, marks what changed, and lists it", () => {
  const text = report(
    compared(
      run([{ call: "/customers", "p50 ms (100)": 10, "requests (100)": 2 }], { calibration: { [LOOP]: 5 } }),
      run([{ call: "/customers", "p50 ms (100)": 30, "requests (100)": 2 }], { calibration: { [LOOP]: 10 } }),
    ),
  );
  expect(text).toContain("CPU loop 2.00");
  expect(text).toContain("| /customers | 3.00 (1.50) ▲ | 1.00 |");
  expect(text).toContain("| calls | /customers | p50 ms (100) | 10 | 30 | 3 | 1.50 |");
  expect(text).toContain("## Better than noise ▼\n\nNothing.");
});
