import { setTimeout as pause } from "node:timers/promises";
import type { Running } from "../cloud.ts";
import type { Row } from "./timed.ts";

const CUTS = 12;
const LIMIT_MS = 900_000;

/** A back-test of version 1 over the whole portfolio: from its start to its result, as somebody waits for it. */
export async function backtests(running: Running): Promise<Row> {
  const { scoreDefinitions } = running.api;
  const { definitions } = (await scoreDefinitions.list({})).body();
  // What comes with the portfolio was recorded when it was made.
  const body = { definition_id: definitions.at(-1)?.id ?? "", cuts: CUTS, known_by: "happened" } as const;
  const from = performance.now();
  const { id } = (await scoreDefinitions.startBacktest({ body })).body();
  let read = Number.NaN;
  for (;;) {
    await pause(200);
    const found = (await scoreDefinitions.getBacktest({ params: { id } })).body();
    const seconds = (performance.now() - from) / 1000;
    const { customers, done } = found.progress;
    if (Number.isNaN(read) && customers !== null && done === customers) read = seconds;
    if (found.status === "failed" || seconds * 1000 > LIMIT_MS)
      throw new Error(found.error ?? "It takes too long");
    if (!found.result) continue;
    const { functions } = await running.memory();
    return {
      ...{ customers: running.size, "looked at": found.result.customers, rows: found.result.rows, seconds },
      "of them reading": read,
      departures: found.result.departures,
      "kept by the function MB":
        functions.find((one) => one.function.endsWith("-jobs-score-backtests"))?.mb ?? Number.NaN,
    };
  }
}
