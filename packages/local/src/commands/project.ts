import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";

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

/** Runs the CDK app, which writes cdk.out. Throws with its output when it fails. */
export async function synthesize(): Promise<void> {
  // The bundler of NodejsFunction looks for esbuild on the PATH.
  const path = [join(root, "node_modules", ".bin"), process.env.PATH ?? ""].join(delimiter);
  const app = spawn(process.execPath, ["infra/app.ts"], {
    cwd: root,
    env: { ...process.env, PATH: path },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    app.once("error", reject);
    app.once("exit", resolve);
  });
  const [code, output, errors] = await Promise.all([ended, text(app.stdout), text(app.stderr)]);
  if (code !== 0) throw new Error(`infra/app.ts failed (exit ${code}):\n${output}${errors}`.trimEnd());
}
