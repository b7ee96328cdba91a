import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";
import { text } from "node:stream/consumers";
import { root } from "./project.ts";

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
