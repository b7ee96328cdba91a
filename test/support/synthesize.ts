import { fileURLToPath } from "node:url";
import { synthesize as synthesizeIn } from "@success-manager/local";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Where the tests' clouds find what they run; synthesized once per test run, when something has changed. */
export const assembly = fileURLToPath(new URL("../../cdk.out", import.meta.url));

/** Bundles the functions and writes the templates, as `npm start` does. */
export async function synthesize(): Promise<void> {
  await synthesizeIn(root);
}
