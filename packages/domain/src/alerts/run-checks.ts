import type { ChecksRun } from "@success-manager/contract/alerts";
import { type JobInvocation, runInBackground, withinTime } from "../jobs/index.ts";
import { isScoped } from "../table/index.ts";
import { type CheckKind, type CheckResult, NOTHING_YET, runCheck } from "./check.ts";

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
      ? `All ${isScoped() ? "of your " : ""}customers are checked. ${done}`
      : `${done} ${isScoped() ? "There was no time for the rest: ask again." : "The rest is checked in the background."}`,
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
  // Jobs are about everybody: who sees some customers asks again.
  const left = isScoped() ? [] : KINDS.filter((kind) => !results[kind].finished);
  const runs = await Promise.all(left.map((kind) => runInBackground(`${kind}_check`)));
  return {
    message: messageOf(results),
    alerts_created: countsOf(results, "opened"),
    alerts_updated: countsOf(results, "updated"),
    alerts_resolved: countsOf(results, "resolved"),
    ...(runs.length > 0 && { runs }),
  };
}
