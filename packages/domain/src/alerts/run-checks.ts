import type { ChecksRun } from "@success-manager/contract/alerts";
import { Problem } from "@success-manager/contract/problem";
import { type JobInvocation, startManualRun } from "../jobs/index.ts";
import { type CheckKind, type CheckResult, runCheck } from "./check.ts";

type Results = Readonly<Record<CheckKind, CheckResult>>;

/** Lets the check's job do what the request had no time for; one that is running already does it anyway. */
async function continueInBackground(kind: CheckKind): Promise<void> {
  try {
    await startManualRun(`${kind}_check`, "This check is running right now.");
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409)) throw error;
  }
}

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
  const run = async (kind: CheckKind) => {
    const result = await runCheck(kind, now, remaining, log);
    if (!result.finished) await continueInBackground(kind);
    return result;
  };
  const results: Results = {
    contract_expiry: await run("contract_expiry"),
    license_expiry: await run("license_expiry"),
    inactivity: await run("inactivity"),
  };
  return {
    message: messageOf(results),
    alerts_created: countsOf(results, "opened"),
    alerts_updated: countsOf(results, "updated"),
    alerts_resolved: countsOf(results, "resolved"),
  };
}
