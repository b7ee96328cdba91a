import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { synthesize } from "../support/synthesize.ts";
import { type Call, callsNamed } from "./calls/index.ts";
import type { Running } from "./cloud.ts";
import { allocatedBy, type Cost, costOf, requestsOf, WARM_UP } from "./measure/cpu.ts";
import { type Row, timed } from "./measure/timed.ts";
import { markdown } from "./table.ts";

/*
 * Two versions at once: `node test/bench/pair.ts <folder of the other version> [--size 10000] [--rounds 60]
 * [--calls <texts>]`. Each has a cloud of its own, filled and served by its own code, and they take turns, ten calls
 * at a time: whatever else the machine does meets both alike. The other version needs `npm ci` and `npm run synth`
 * once, and the questions of `serve.ts`.
 */
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    size: { type: "string", default: "10000" },
    rounds: { type: "string", default: "60" },
    calls: { type: "string", default: "" },
  },
});
const [other] = positionals;
if (other === undefined) throw new Error("usage: node test/bench/pair.ts <folder of the other version> …");
const size = Number(values.size);
const rounds = Number(values.rounds);
const folders: string[] = [];

const AT_A_TIME = 10;
/** To warm up, where an address may call no more often in a minute. */
const FEW = 10;

/** A version's cloud on its own data, begun by its own code in its own folder. */
async function opened(version: string): Promise<Running> {
  const folder = mkdtempSync(join(tmpdir(), "pair-"));
  folders.push(folder);
  process.chdir(version);
  const fill = `import("./test/bench/prepare.ts").then(({ prepared }) => prepared("${folder}", ${size}, "full"))`;
  execFileSync(process.execPath, ["-e", fill], { stdio: ["ignore", "ignore", "inherit"] });
  const portfolio = { size, history: "full" as const, folder };
  const { withSnapshots } = await import(resolve("test/bench/measure/cold.ts"));
  const { open } = await import(resolve("test/bench/cloud.ts"));
  await withSnapshots([portfolio]);
  return open(portfolio);
}

/** What a version took for a call, one entry for each turn or request. */
interface Measured {
  readonly costs: Cost[];
  readonly times: number[];
}

async function turn(running: Running, call: Call, count: number, { costs, times }: Measured): Promise<void> {
  const requests = await requestsOf(running, call, count);
  await running.settled();
  await running.worked();
  for (const request of requests) times.push(await timed(running, request));
  await running.settled();
  costs.push(costOf(await running.worked(), requests.length));
}

const median = (numbers: readonly number[]) => {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

async function rowOf(name: string, call: Call, versions: readonly [Running, Running]): Promise<Row> {
  const most = Math.min(rounds, call.most ?? rounds);
  const measured: readonly [Measured, Measured] = [
    { costs: [], times: [] },
    { costs: [], times: [] },
  ];
  for (const running of versions)
    await turn(running, call, call.most === undefined ? WARM_UP : FEW, { costs: [], times: [] });
  for (let done = 0; done < most; done += AT_A_TIME)
    for (const first of done % (2 * AT_A_TIME) === 0 ? [0, 1] : [1, 0]) {
      const [running, own] = first === 0 ? [versions[0], measured[0]] : [versions[1], measured[1]];
      await turn(running, call, Math.min(AT_A_TIME, most - done), own);
    }
  const allocated = [await allocatedBy(versions[0], call), await allocatedBy(versions[1], call)] as const;
  const row: Row = { call: name };
  const add = (column: string, [before, now]: readonly [number, number]) => {
    row[column] = `${before.toFixed(2)} → ${now.toFixed(2)}`;
    // Of next to nothing, a ratio says nothing.
    row[`× ${column}`] = before > 0.05 ? (now / before).toFixed(2) : "";
  };
  const cost = (part: keyof Cost) =>
    [
      median(measured[0].costs.map((one) => one[part])),
      median(measured[1].costs.map((one) => one[part])),
    ] as const;
  add("function CPU ms", cost("function CPU ms"));
  add("p50 ms", [median(measured[0].times), median(measured[1].times)]);
  add("stream CPU ms", cost("stream CPU ms"));
  add("gateway CPU ms", cost("gateway CPU ms"));
  row["allocated KB"] = `${allocated[0].toFixed(0)} → ${allocated[1].toFixed(0)}`;
  return row;
}

const here = process.cwd();
await synthesize();
const versions = [await opened(resolve(other)), await opened(here)] as const;
try {
  const rows: Row[] = [];
  for (const [name, call] of Object.entries(callsNamed(values.calls))) {
    const row = await rowOf(name, call, versions).catch((error: unknown) => ({
      call: name,
      failed: String(error),
    }));
    console.error(Object.values(row).join(" | "));
    rows.push(row);
  }
  console.log(markdown(rows));
} finally {
  for (const running of versions) await running.stop();
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}
