import type { JobId } from "@success-manager/contract/jobs";
import type { Checks } from "../alerts/index.ts";
import type { JobDefinition, JobInvocation } from "./work.ts";

type Result = Checks.CheckResult;

const NOTHING_YET: Result = {
  checked: 0,
  opened: 0,
  updated: 0,
  resolved: 0,
  failed: 0,
  errors: [],
  finished: false,
};

/** A job that goes on by doing its check again, until that says that nothing is left to do. */
export const alertCheckJob = (
  job: JobId,
  check: (now: Date, remaining: JobInvocation["remaining"], log: JobInvocation["log"]) => Promise<Result>,
): JobDefinition<Result> => ({
  job,
  start: NOTHING_YET,
  run: async (now, from, { remaining, log }) => {
    const result = await check(now, remaining, log);
    // Who was looked at, or failed, is so again; what was done is not.
    return {
      ...result,
      opened: from.opened + result.opened,
      updated: from.updated + result.updated,
      resolved: from.resolved + result.resolved,
    };
  },
  counts: ({ checked, opened, updated, resolved, failed }) => ({
    checked,
    opened,
    updated,
    resolved,
    failed,
  }),
  busy: "This check is running right now. Try again when it has finished.",
});
