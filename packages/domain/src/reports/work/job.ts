import { defineJob, type Progress } from "../../jobs/index.ts";
import { ReportEntity } from "../../table/index.ts";
import { goOn } from "./go-on.ts";
import { BY_SCHEDULE, type Means, timeOf } from "./means.ts";
import { runDue } from "./run-due.ts";
import { type Result, tally } from "./tally.ts";

export const SCHEDULED_REPORTS = "scheduled_reports";

type Figures = Pick<Result, "due" | "generated" | "mailed" | "failed" | "given_up">;

const figuresOf = ({ due, generated, mailed, failed, given_up }: Figures): Figures => ({
  due,
  generated,
  mailed,
  failed,
  given_up,
});

/** Goes on with one report, unless somebody else does or it is not due. */
async function one(id: string, means: Means): Promise<Figures> {
  const { count, result } = tally();
  const { data } = await ReportEntity.get({ id }).go({ consistent: true });
  if (data?.due_at !== undefined && data.due_at <= timeOf(means).toISOString()) {
    const done = await goOn(data, means);
    if (done) count(done);
  }
  return figuresOf(result());
}

/**
 * The hourly job: generates and mails what is due. That a report is done once does not hang on this job's lock, but
 * on the report's own claim: people do the same in their requests.
 *
 * @param givenUp told of each report that nobody will try again
 */
export const scheduledReports = (givenUp: Means["givenUp"]) =>
  defineJob<Progress & Figures>({
    id: SCHEDULED_REPORTS,
    subject: "report",
    start: { due: 0, generated: 0, mailed: 0, failed: 0, given_up: 0, finished: false },
    run: async (now, from, { remaining, log }) => {
      const { finished, ...did } = await runDue(BY_SCHEDULE, { remaining, log, givenUp }, now);
      return {
        due: from.due + did.due,
        generated: from.generated + did.generated,
        mailed: from.mailed + did.mailed,
        failed: from.failed + did.failed,
        given_up: from.given_up + did.given_up,
        finished,
      };
    },
    runOne: (id, { remaining, log }) => one(id, { remaining, log, givenUp }),
    counts: figuresOf,
    busy: "Reports are being generated right now. Try again when that has finished.",
  });
