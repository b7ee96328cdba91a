import { type ChildProcess, spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { compileCache } from "../environment.ts";
import { isListening } from "./ports.ts";

/** A server that runs as a child process and is ready. */
export type ServerProcess = {
  readonly name: string;
  /** Of the process that runs now: another one after a restart. */
  readonly pid: number;
  /** The same for good. */
  readonly port: number;
  /** Ends the process and all that it started. Resolves when it is gone. */
  stop(): Promise<void>;
};

const READY_LIMIT_MS = 20_000;
const STOP_LIMIT_MS = 5_000;
/** Until the processes of a killed group have let go of files and ports. */
const GONE_LIMIT_MS = 5_000;
/** They have little to do at a time: a fifth of their memory less. */
const SMALL_HEAP = "--max-semi-space-size=1";
/** Characters of the child's output that are kept for an error message. */
const KEPT_OUTPUT = 2_000;

/** What is waited before each restart. One that runs well for a while gets all of them again. */
const RESTART_DELAYS_MS = [0, 250, 1_000, 2_000, 4_000];
const WELL_AFTER_MS = 60_000;

export type ServerProcessOptions = {
  readonly name: string;
  /** One of the scripts beside this file. */
  readonly script: string;
  /** Called with the port where the server has to listen; 0 is any, at the first start alone. */
  readonly arguments: (port: number) => readonly string[];
  /** 0: any. */
  readonly port: number;
  readonly log: (line: string) => void;
  /** Called with a sentence when the server has ended too often. */
  readonly onGivenUp: (sentence: string) => void;
};

/**
 * Starts a server and waits until it reports that it is ready. Rejects with its last output when it ends first or
 * takes longer than 20 seconds. When it ends later without having been asked, it is started again on the same port,
 * five times in a row at most.
 */
export async function startServerProcess(options: ServerProcessOptions): Promise<ServerProcess> {
  const stopping = new AbortController();
  const { signal } = stopping;
  let child = await launch(options, options.port, signal);
  const { port } = child;

  /** Answers whether it runs again; `how` the former one ended is told. */
  async function restart(how: string, failures: number): Promise<boolean> {
    const delay = RESTART_DELAYS_MS[failures];
    if (delay === undefined) {
      options.onGivenUp(`${how}\n${options.name} was started ${failures} times again, in vain`);
      return false;
    }
    options.log(`${how}; starting it again`);
    await sleep(delay, undefined, { signal }).catch(() => undefined);
    if (signal.aborted) return false;
    const began = Date.now();
    try {
      child = await launch(options, port, signal);
    } catch (error) {
      if (signal.aborted) return false;
      return restart(error instanceof Error ? error.message : String(error), failures + 1);
    }
    options.log(`${options.name} answers again, after ${Date.now() - began + delay} ms`);
    return keep(failures + 1);
  }

  /** Answers when there is nothing left to keep running. */
  async function keep(failures: number): Promise<boolean> {
    const began = Date.now();
    const how = await child.ended;
    if (signal.aborted) return false;
    return restart(how, Date.now() - began > WELL_AFTER_MS ? 0 : failures);
  }

  const kept = keep(0);
  return {
    name: options.name,
    get pid() {
      return child.pid;
    },
    port,
    stop: async () => {
      stopping.abort();
      await kept;
    },
  };
}

type Launched = {
  readonly pid: number;
  readonly port: number;
  /** Resolves with a sentence when the child and all that it started are gone. */
  readonly ended: Promise<string>;
};

/** Starts the child once; `signal` ends it in order. */
function launch(options: ServerProcessOptions, port: number, signal: AbortSignal): Promise<Launched> {
  const script = fileURLToPath(new URL(options.script, import.meta.url));
  const child = spawn(process.execPath, [SMALL_HEAP, script, ...options.arguments(port)], {
    stdio: ["pipe", "pipe", "pipe"],
    // A process group of its own: Ctrl-C in the terminal reaches the parent alone, which ends things in order,
    // and the whole group can be ended at once.
    detached: true,
    windowsHide: true,
    env: { ...process.env, NODE_OPTIONS: "", NODE_COMPILE_CACHE: compileCache },
  });
  let output = "";
  let reported: number | undefined;
  const { promise: ended, resolve: reportEnd } = Promise.withResolvers<string>();

  const stop = () => {
    child.stdin.end();
    const killer = setTimeout(() => killGroup(child), STOP_LIMIT_MS);
    void ended.then(() => clearTimeout(killer));
  };
  signal.addEventListener("abort", stop, { once: true });
  void ended.then(() => signal.removeEventListener("abort", stop));

  return new Promise((resolve, reject) => {
    const fail = (problem: string) => reject(new Error(`${options.name} ${problem}${lastOutput(output)}`));
    const timer = setTimeout(() => {
      fail(`did not answer within ${READY_LIMIT_MS / 1000} seconds`);
      killGroup(child);
    }, READY_LIMIT_MS);

    const listen = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-KEPT_OUTPUT);
      const [, ready] = reported === undefined ? (/^ready (\d+)$/m.exec(output) ?? []) : [];
      if (ready === undefined || child.pid === undefined) return;
      reported = Number(ready);
      clearTimeout(timer);
      resolve({ pid: child.pid, port: reported, ended });
    };
    child.stdout.on("data", listen);
    child.stderr.on("data", listen);
    child.stdin.on("error", () => undefined);
    child.once("error", (error) => fail(`could not be started: ${error.message}`));
    child.once("exit", async (code, signalName) => {
      clearTimeout(timer);
      killGroup(child);
      // Two databases on one file lose data: the next one waits until nothing of this one is left.
      if (reported !== undefined) await portClosed(reported);
      const how = signalName ?? `exit ${code}`;
      if (reported === undefined) fail(`ended before it was ready (${how})`);
      reportEnd(`${options.name} ended unexpectedly (${how})${lastOutput(output)}`);
    });
  });
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

/** Waits until nobody listens on the port any more: a killed process closes all of its files at once. */
async function portClosed(port: number): Promise<void> {
  const limit = Date.now() + GONE_LIMIT_MS;
  while (Date.now() < limit && (await isListening(port))) await sleep(5);
}

function lastOutput(output: string): string {
  const lines = output.replace(/^ready \d+$/gm, "").trim();
  return lines === "" ? "" : `; its last output:\n${lines}`;
}
