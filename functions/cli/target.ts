// Which table a command works on: that of a deployed stage, or that of the cloud that npm start runs.
import { spawn } from "node:child_process";

/** @throws a sentence for the terminal, when it is given and is no name of a stage */
export function requireStageName(stage: string | undefined): void {
  if (stage !== undefined && !/^[a-z][a-z0-9-]{0,19}$/.test(stage))
    throw new Error("--stage takes the name of a stage, such as prod.");
}

/** The table of a deployed stage, as infra/data.ts names it. */
export const tableName = (stage: string) => `success-manager-${stage}`;

/** A function of a stage, `jobs/health`, as infra/policy.ts names it. */
export const functionName = (stage: string, name: string) =>
  `success-manager-${stage}-${name.replace("/", "-")}`;

/** The dead-letter queue of a stage, as infra/jobs.ts names it. */
export const queueName = (stage: string) => `success-manager-${stage}-dead-letters`;

/** Runs this script again, with the environment of the cloud that `npm start` runs; answers its exit code. */
export function rerunInLocalCloud(): Promise<number> {
  const script = ["packages/local/src/with-cloud.ts", process.execPath, ...process.argv.slice(1)];
  const child = spawn(process.execPath, script, { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
