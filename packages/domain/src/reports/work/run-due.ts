import { dueReports } from "./due.ts";
import { goOn } from "./go-on.ts";
import { GENERATING_MS, type Means, type Trigger, timeOf } from "./means.ts";
import { type Result, tally } from "./tally.ts";

/**
 * Generates and mails what is due, one report after the other, until the time is up. Doing it again, or twenty times
 * at once, does nothing twice: each report is taken on by one. A report that fails stops no other.
 *
 * @param until by when schedules are due; now when that is later
 */
export async function runDue(by: Trigger, means: Means, until = timeOf(means)): Promise<Result> {
  const now = timeOf(means);
  const { count, broke, stop, result } = tally();
  for await (const due of dueReports(by, until > now ? until : now, means)) {
    if (means.remaining() < GENERATING_MS) {
      stop();
      break;
    }
    try {
      const report = await due.take();
      const done = report && (await goOn(report, means));
      if (done) count(done);
    } catch (error) {
      means.log(due.id, error);
      broke(due, error);
    }
  }
  return result();
}
