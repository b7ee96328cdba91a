import type { ChecksRun } from "@success-manager/contract/alerts";
import type { JobId } from "@success-manager/contract/jobs";
import { Problem } from "@success-manager/contract/problem";
import { type JobInvocation, startManualRun } from "../jobs/index.ts";
import { type CheckKind, type CheckResult, check } from "./checks.ts";

/** In the order in which they run, with the job that does the same on a schedule. */
const CHECKS = [
  ["contract_expiry", "contract_expiry_check"],
  ["license_expiry", "license_expiry_check"],
  ["inactivity", "inactivity_check"],
] as const satisfies readonly (readonly [CheckKind, JobId])[];

type Results = Readonly<Record<CheckKind, CheckResult>>;

/** Leaves what the request had no time for to the check's job; one that is at work already does it anyway. */
async function leaveTo(job: JobId): Promise<void> {
  try {
    await startManualRun(job, "This check is running right now.");
  } catch (error) {
    if (!(error instanceof Problem && error.status === 409)) throw error;
  }
}

const each = (results: Results, figure: "opened" | "updated" | "resolved") => ({
  contract_expiry: results.contract_expiry[figure],
  license_expiry: results.license_expiry[figure],
  inactivity: results.inactivity[figure],
});

function sentences(results: Results): string {
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
 * Looks now for contracts and licenses that end, and for customers nobody spoke with (decision 16). What does not fit
 * into the request is checked in the background.
 */
export async function runChecks({ remaining, log }: JobInvocation): Promise<ChecksRun> {
  const now = new Date();
  const run = async ([kind, job]: (typeof CHECKS)[number]) => {
    const result = await check(kind, now, remaining, log);
    if (!result.finished) await leaveTo(job);
    return result;
  };
  const [contracts, licenses, inactivity] = CHECKS;
  const results: Results = {
    contract_expiry: await run(contracts),
    license_expiry: await run(licenses),
    inactivity: await run(inactivity),
  };
  return {
    message: sentences(results),
    alerts_created: each(results, "opened"),
    alerts_updated: each(results, "updated"),
    alerts_resolved: each(results, "resolved"),
  };
}
