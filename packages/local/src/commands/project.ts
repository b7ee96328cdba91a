import { join } from "node:path";

/** The repository (npm runs every script in its root), its data folder and what it synthesizes into. */
export const root = process.cwd();
export const dataFolder = join(root, ".local");
export const assemblyFolder = join(root, "cdk.out");

/** Runs a command's main function; a failure is one sentence on stderr and exit code 1. */
export async function runCommand(main: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    process.exitCode = 1;
  }
}
