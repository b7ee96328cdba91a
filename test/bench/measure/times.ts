import { calibrate } from "../calibration.ts";
import { type Call, type Calls, REFERENCE } from "../calls/index.ts";
import type { Running } from "../cloud.ts";
import { quantile, shuffled } from "../table.ts";
import { type Counts, countOf } from "./requests.ts";
import { type Row, timed } from "./timed.ts";

const WARM_UP = 20;
const LONGEST_WARM_UP_MS = 3_000;
/** What takes long is measured less often, but not less than this. */
const LONGEST_MS = 5_000;
const LEAST = 10;

/**
 * Milliseconds of a call, of each cloud. The clouds take turns, in another order each time, so that a noisy machine
 * disturbs all alike and none always comes first.
 */
async function samplesOf({ prepare, most }: Call, all: readonly Running[], rounds: number) {
  const samples = all.map((): number[] => []);
  const makeRounds = async (wanted: number, least: number, longestMs: number) => {
    const began = performance.now();
    for (let round = 0; round < wanted; round++) {
      if (round >= least && performance.now() - began > longestMs) return;
      for (const [i, running] of shuffled([...all.entries()]))
        samples[i]?.push(await timed(running, await prepare(running)));
    }
  };
  await makeRounds(WARM_UP, 1, LONGEST_WARM_UP_MS);
  for (const sample of samples) sample.length = 0;
  await makeRounds(Math.min(rounds, most ?? rounds), LEAST, LONGEST_MS);
  return samples;
}

/** p50 and p95 of each call over one connection, beside what it asks of the database. */
export async function times(
  calls: Calls,
  all: readonly Running[],
  counts: Counts,
  rounds: number,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [name, call] of Object.entries(calls)) {
    await calibrate(all);
    const samples = await samplesOf(call, all, rounds);
    const row: Row = { call: name };
    for (const [i, { size }] of all.entries()) {
      const { requests, units } = countOf(counts, name, size);
      row[`p50 ms (${size})`] = quantile(samples[i] ?? [], 0.5);
      row[`p95 ms (${size})`] = quantile(samples[i] ?? [], 0.95);
      row[`requests (${size})`] = requests;
      row[`units (${size})`] = units;
    }
    const [smallest, largest] = [all[0]?.size ?? 0, all.at(-1)?.size ?? 0];
    row["p50 growth"] = Number(row[`p50 ms (${largest})`]) / Number(row[`p50 ms (${smallest})`]);
    row["units growth"] = Number(row[`units (${largest})`]) / Number(row[`units (${smallest})`]);
    rows.push(row);
  }
  return rows;
}

/** The same p50 beside the reference's, of calls and sizes that it was measured with. */
export const beside = (rows: readonly Row[], sizes: readonly number[]): Row[] =>
  rows.flatMap((row) => {
    const reference = REFERENCE[String(row.call)];
    const known = sizes.flatMap((size) => {
      const theirs = reference?.[size];
      return theirs === undefined ? [] : [{ size, ours: Number(row[`p50 ms (${size})`]), theirs }];
    });
    if (known.length === 0) return [];
    const columns = known.flatMap(({ size, ours, theirs }): [string, number][] => [
      [`p50 ms (${size})`, ours],
      [`reference (${size})`, theirs],
      [`times faster (${size})`, theirs / ours],
    ]);
    return [{ call: String(row.call), ...Object.fromEntries(columns) }];
  });
