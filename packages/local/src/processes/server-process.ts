import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { compileCache } from "../environment.ts";

/** A server that runs as a child process and is ready. */
export type ServerProcess = {
  readonly name: string;
  readonly pid: number;
  readonly port: number;
  /** Ends the process and all that it started. Resolves when it is gone. */
  stop(): Promise<void>;
};

const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;
/** Characters of the child's output that are kept for an error message. */
const KEPT_OUTPUT = 2_000;

/**
 * Starts one of the scripts beside this file and waits until it reports that it is ready.
 * Rejects with the child's last output when it ends first or takes longer than 20 seconds.
 * `onUnexpectedExit` is called with a sentence when the child ends later without having been asked.
 */
export function startServerProcess(options: {
  readonly name: string;
  readonly script: string;
  readonly arguments: readonly string[];
  readonly onUnexpectedExit: (sentence: string) => void;
}): Promise<ServerProcess> {
  const script = fileURLToPath(new URL(options.script, import.meta.url));
  const child = spawn(process.execPath, [script, ...options.arguments], {
    stdio: ["pipe", "pipe", "pipe"],
    // A process group of its own: Ctrl-C in the terminal reaches the parent alone, which ends things in order,
    // and the whole group can be ended at once.
    detached: true,
    env: { ...process.env, NODE_OPTIONS: "", NODE_COMPILE_CACHE: compileCache },
  });
  let output = "";
  let stopping = false;
  let ready = false;
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));

  return new Promise((resolve, reject) => {
    const fail = (problem: string) => reject(new Error(`${options.name} ${problem}${lastOutput(output)}`));
    const timer = setTimeout(() => {
      fail(`did not answer within ${READY_LIMIT_MS / 1000} seconds`);
      killGroup(child);
    }, READY_LIMIT_MS);

    const listen = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
      const port = ready ? undefined : /^ready (\d+)$/m.exec(output)?.[1];
      if (port === undefined || child.pid === undefined) return;
      ready = true;
      clearTimeout(timer);
      resolve({ name: options.name, pid: child.pid, port: Number(port), stop });
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      killGroup(child);
      const how = signal ?? `exit ${code}`;
      if (!ready) fail(`ended before it was ready (${how})`);
      else if (!stopping)
        options.onUnexpectedExit(`${options.name} ended unexpectedly (${how})${lastOutput(output)}`);
    });
  });

  async function stop(): Promise<void> {
    stopping = true;
    child.stdin.end();
    const killer = setTimeout(() => killGroup(child), STOP_LIMIT_MS);
    await exited;
    clearTimeout(killer);
  }
}

/** Also ends what the script has started itself; the group is gone already when all went well. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    child.kill("SIGKILL");
  }
}

function lastOutput(output: string): string {
  const lines = output.trim();
  return lines === "" ? "" : `; its last output:\n${lines}`;
}
