import type { ScheduledReportsRun } from "@success-manager/contract/reports";
import { type Done, faultOf } from "./go-on.ts";
import { sentenceOf } from "./sentence.ts";

type Errors = ScheduledReportsRun["results"]["errors"];

/** What became of the reports that were due. */
export interface Result {
  /** Reports that were taken on. */
  readonly due: number;
  readonly generated: number;
  /** Mails that were sent. */
  readonly mailed: number;
  /** Reports that could not be generated, or not be mailed to everybody. */
  readonly failed: number;
  /** Those of them that nobody will try again. */
  readonly given_up: number;
  /** The first hundred of those that failed. */
  readonly errors: Errors;
  /** False when the time was up. */
  readonly finished: boolean;
}

const ERRORS_KEPT = 100;

/** Keeps count of what is done for reports that are due. */
export function tally() {
  const sums = { due: 0, generated: 0, mailed: 0, failed: 0, given_up: 0 };
  const errors: Errors = [];
  let finished = true;
  const fail = (report_id: string, report_name: string, error: string) => {
    sums.failed += 1;
    if (errors.length < ERRORS_KEPT) errors.push({ report_id, report_name, error });
  };
  return {
    /** One was worked on. */
    count({ report, generated, sent, finished: done }: Done) {
      sums.due += 1;
      sums.mailed += sent;
      if (generated) sums.generated += 1;
      if (!done) finished = false;
      const fault = done && report && faultOf(report);
      if (!fault) return;
      fail(report.id, report.report_name, fault);
      if (report.due_at === undefined) sums.given_up += 1;
    },
    /** One could not be worked on. */
    broke({ id, report_name }: { readonly id: string; readonly report_name: string }, error: unknown) {
      sums.due += 1;
      fail(id, report_name, sentenceOf(error));
    },
    /** Something is left for the next time. */
    stop() {
      finished = false;
    },
    result: (): Result => ({ ...sums, errors, finished }),
  };
}
