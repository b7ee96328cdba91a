import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Where the tests' clouds find what they run; synthesized once per test run. */
export const assembly = fileURLToPath(new URL("../../cdk.out", import.meta.url));

let done = false;

/** Runs before all tests, once whatever the number of projects. */
export function setup(): void {
  if (done) return;
  done = true;
  execFileSync(process.execPath, ["infra/app.ts"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit"],
  });
}
