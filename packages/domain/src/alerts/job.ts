import type { ChecksRun } from "@success-manager/contract/alerts";
import { defineJob, type JobInvocation, runInBackground, withinTime } from "../jobs/index.ts";
import { type CheckKind, type CheckResult, runCheck } from "./check.ts";

const NOTHING_YET: CheckResult = {
  checked: 0,
  opened: 0,
  updated: 0,
  resolved: 0,
  failed: 0,
  errors: [],
  finished: false,
};

/** A daily job that repeats its check until there is nothing left to do. */
const checkJob = (kind: CheckKind) =>
  defineJob<CheckResult>({
    id: `${kind}_check`,
    start: NOTHING_YET,
    run: async (now, from, { remaining, log }) => {
      const result = await runCheck(kind, now, remaining, log);
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

const KINDS = ["contract_expiry", "license_expiry", "inactivity"] as const satisfies readonly CheckKind[];
type Results = Readonly<Record<CheckKind, CheckResult>>;

const countsOf = (results: Results, figure: "opened" | "updated" | "resolved") => ({
  contract_expiry: results.contract_expiry[figure],
  license_expiry: results.license_expiry[figure],
  inactivity: results.inactivity[figure],
});

function messageOf(results: Results): string {
  const all = Object.values(results);
  const sum = (figure: "opened" | "updated" | "resolved" | "failed") =>
    all.reduce((total, result) => total + result[figure], 0);
  const done = `Alerts: ${sum("opened")} opened, ${sum("updated")} updated, ${sum("resolved")} resolved.`;
  const parts = [
    all.every(({ finished }) => finished)
      ? `All customers are checked. ${done}`
      : `${done} The rest is checked in the background.`,
    sum("failed") > 0 && `${sum("failed")} checks of a customer failed; the details are in the log.`,
  ];
  return parts.filter((part) => part !== false).join(" ");
}

/**
 * Looks now for contracts and licenses that end, and for inactive customers (decision 16). What does not fit into the
 * request is checked in the background.
 */
export async function runChecks({ remaining, log }: JobInvocation): Promise<ChecksRun> {
  const now = new Date();
  const run = async (kind: CheckKind) =>
    (await withinTime(runCheck(kind, now, remaining, log), remaining)) ?? NOTHING_YET;
  const results: Results = {
    contract_expiry: await run("contract_expiry"),
    license_expiry: await run("license_expiry"),
    inactivity: await run("inactivity"),
  };
  const left = KINDS.filter((kind) => !results[kind].finished);
  const runs = await Promise.all(left.map((kind) => runInBackground(`${kind}_check`)));
  return {
    message: messageOf(results),
    alerts_created: countsOf(results, "opened"),
    alerts_updated: countsOf(results, "updated"),
    alerts_resolved: countsOf(results, "resolved"),
    ...(runs.length > 0 && { runs }),
  };
}
