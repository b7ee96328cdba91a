import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** Where the tests' clouds find what they run; synthesized once per test run. */
export const assembly = fileURLToPath(new URL("../../cdk.out", import.meta.url));

/** Bundles the functions and writes the templates, like `npm run synth`. */
export function synthesize(): void {
  execFileSync(process.execPath, ["infra/app.ts"], {
    cwd: fileURLToPath(new URL("../..", import.meta.url)),
    stdio: ["ignore", "ignore", "inherit"],
  });
}
