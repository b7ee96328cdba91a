import { defineJob } from "../jobs/index.ts";
import { type CheckKind, type CheckResult, NOTHING_YET, runCheck } from "./check.ts";
import { mailDigest } from "./notify.ts";

/** What the log calls the mail about new alerts. */
const DIGEST = "alert digest";

/** A daily job that repeats its check until there is nothing left to do. */
const checkJob = (kind: CheckKind) =>
  defineJob<CheckResult>({
    id: `${kind}_check`,
    start: NOTHING_YET,
    run: async (now, from, { remaining, log }) => {
      const result = await runCheck(kind, now, remaining, log);
      // Whoever is not told today is told by the next digest; alerts don't depend on mails.
      if (result.finished) await mailDigest(remaining).catch((error) => log(DIGEST, error));
      // Each repetition looks at all customers again, and fails for the same ones; what was written is not repeated.
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

export const contractExpiryCheck = checkJob("contract_expiry");
export const licenseExpiryCheck = checkJob("license_expiry");
export const inactivityCheck = checkJob("inactivity");
