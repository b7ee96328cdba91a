import { spawn } from "node:child_process";

/** Runs this script again, with the environment of the cloud that `npm start` runs; answers its exit code. */
export function inLocalCloud(): Promise<number> {
  const script = ["packages/local/src/with-cloud.ts", process.execPath, ...process.argv.slice(1)];
  const child = spawn(process.execPath, script, { stdio: "inherit" });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => resolve(code ?? 1));
  });
}
