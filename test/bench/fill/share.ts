import { parentPort, workerData } from "node:worker_threads";
import type { Sums } from "../../../packages/domain/src/counters/counters.ts";
import {
  addFeedback,
  type FeedbackByProduct,
  feedbackOf,
} from "../../../packages/domain/src/counters/stream/feedback.ts";
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

/** What follows from the items of a share for all customers together. */
export interface Followed {
  readonly sums: Sums;
  readonly feedback: FeedbackByProduct;
}

/** A thread of its own for a share: writes its items, and answers what follows from them for all customers. */
const { from, to, history, now, file }: Share = workerData;
const followed: Followed = { sums: new Map(), feedback: new Map() };
const time = timeAt(now);

function* items() {
  for (let n = from; n < to; n++) {
    const ofOne = itemsOf(n, time, HISTORIES[history]);
    for (const found of ofOne.flatMap((item) => feedbackOf(item) ?? []))
      addFeedback(followed.feedback, found);
    yield* ofOne;
    yield* countedInto(followed.sums, ofOne, now);
  }
}

await writeExport(file, items());
parentPort?.postMessage(followed);
