import { parentPort, workerData } from "node:worker_threads";
import type { Sums } from "../../../packages/domain/src/counters/counters.ts";
import { countedInto } from "../portfolio/counters.ts";
import { HISTORIES, type HistoryName } from "../portfolio/history.ts";
import { itemsOf } from "../portfolio/items.ts";
import { timeAt } from "../portfolio/time.ts";
import { writeExport } from "./export.ts";

/** The customers of a share: from one number up to another, which is not included. */
export interface Share {
  readonly from: number;
  readonly to: number;
  readonly history: HistoryName;
  readonly now: Date;
  /** Where its items are written to. */
  readonly file: string;
}

/** A thread of its own for a share: writes its items, and answers what they add to the counters of all customers. */
const { from, to, history, now, file }: Share = workerData;
const portfolio: Sums = new Map();
const time = timeAt(now);

function* items() {
  for (let n = from; n < to; n++) {
    const ofOne = itemsOf(n, time, HISTORIES[history]);
    yield* ofOne;
    yield* countedInto(portfolio, ofOne, now);
  }
}

await writeExport(file, items());
parentPort?.postMessage(portfolio);
