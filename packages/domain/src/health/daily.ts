import { conflict } from "@success-manager/contract/problem";
import { type JobDefinition, type Outcome, run, type Surroundings } from "../jobs/index.ts";
import { type Progress, STARTED, scoreAll } from "./batch.ts";

export const DAILY_HEALTH_SCORES = "daily_health_scores";

/** Scores every customer that is not churned, at the run's time; who has a score at or after it is done already. */
export const dailyScoring: JobDefinition<Progress> = {
  job: DAILY_HEALTH_SCORES,
  start: STARTED,
  run: (now, from, { remaining, save, log }) => scoreAll(now, from, remaining, save, log),
  counts: ({ calculated, failed }) => ({ calculated, failed }),
  busy: "All customers are being scored right now. Try again when that has finished.",
};

/**
 * Runs the daily scoring of a time, or goes on with it; who works on it, and where, is the caller's choice.
 *
 * @throws 409 while another run is at work; what stopped the run, after releasing it for a retry
 */
export async function runDaily(
  scheduled_time: string,
  surroundings: Surroundings,
): Promise<Exclude<Outcome<Progress>, { result: "busy" }>> {
  const outcome = await run(dailyScoring, scheduled_time, surroundings);
  if (outcome.result === "busy") throw conflict(dailyScoring.busy);
  return outcome;
}
