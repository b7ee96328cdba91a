// Which table a command works on: that of a deployed stage, or that of the cloud that npm start runs.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/**
 * Makes a command work on a stage: in its region where its file names one, else in that of the shell.
 *
 * @throws a sentence for the terminal, when it is given and is no name of a stage
 */
export function enterStage(stage: string | undefined, setting = stageSetting): void {
  if (stage === undefined) return;
  if (!/^[a-z][a-z0-9-]{0,19}$/.test(stage) || /-\d+$/.test(stage))
    throw new Error("--stage takes the name of a stage, such as prod.");
  const region = setting(stage, "region");
  if (typeof region === "string") process.env.AWS_REGION = region;
}

/** A setting of a stage, as its file has it; undefined where there is no file, or nothing in it. */
export function stageSetting(stage: string, name: string): unknown {
  const file = fileURLToPath(new URL(`../../infra/stages/${stage}.json`, import.meta.url));
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8"))[name] : undefined;
}

/**
 * The table of a deployed stage, as infra/stage.ts names it.
 *
 * @param generation which one; the one that serves, as the stage's file says, when absent
 */
export function tableName(stage: string, generation?: number): string {
  const number = generation ?? Number(stageSetting(stage, "tableGeneration") ?? 1);
  return number === 1 ? `success-manager-${stage}` : `success-manager-${stage}-${number}`;
}

/** A generation as it is typed. @throws a sentence for the terminal */
export function parseGeneration(text: string | undefined, option = "--generation"): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new Error(`${option} takes the number of a table, such as 2.`);
  return Number(text);
}

/** The stage that the local cloud runs. */
export const LOCAL_STAGE = "local";

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
