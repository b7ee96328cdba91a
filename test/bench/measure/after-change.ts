import { calibrate } from "../calibration.ts";
import { CALLS } from "../calls/index.ts";
import type { Running } from "../cloud.ts";
import { quantile, shuffled } from "../table.ts";
import { type Row, timed } from "./timed.ts";

const WARM_UP = 5;

/** Calls that are answered from the directory. */
const FROM_DIRECTORY = [
  "/customers?limit=20",
  "/customers?search=…",
  "/customers?sort_by=health_score",
  "/deployments/stats",
  "/health-scores/distribution",
];

/** The same calls when a customer has changed since the last one: views are sorted again where it moved. */
export async function afterChange(all: readonly Running[], rounds: number): Promise<Row[]> {
  const rows: Row[] = [];
  for (const name of FROM_DIRECTORY) {
    const call = CALLS[name];
    if (!call) throw new Error(`${name} is not measured`);
    await calibrate(all);
    const samples = all.map((): number[] => []);
    for (let round = -WARM_UP; round < rounds; round++)
      for (const [i, running] of shuffled([...all.entries()])) {
        const params = { id: running.customer };
        (await running.api.customers.update({ params, body: { notes: `round ${round}` } })).body();
        const ms = await timed(running, await call.prepare(running));
        if (round >= 0) samples[i]?.push(ms);
      }
    const row: Row = { call: name };
    for (const [i, { size }] of all.entries()) {
      row[`p50 ms (${size})`] = quantile(samples[i] ?? [], 0.5);
      row[`p95 ms (${size})`] = quantile(samples[i] ?? [], 0.95);
    }
    rows.push(row);
  }
  return rows;
}
