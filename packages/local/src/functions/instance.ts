import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import { compileCache } from "../environment.ts";
import type { FunctionDefinition } from "./definition.ts";

/** What an instance needs to know once, at its start (worker data, so plain data only). */
export type InstanceSettings = {
  readonly module: string;
  readonly handler: string;
  readonly folder: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMb: number;
  readonly timeoutMs: number;
  readonly logStream: string;
  readonly sourceMaps: boolean;
  /** Of the clock that it follows (`virtual-clock.js`); the machine's when absent. */
  readonly clock?: SharedArrayBuffer | undefined;
};

/** To the instance: one event, as JSON text, as Lambda itself hands it over. */
export type Invocation = { readonly requestId: string; readonly event: string };
/** To the instance: nothing is to do, so it may throw away what it no longer needs. */
export type CollectGarbage = "collect garbage";

/** From the instance. `logs` is what was printed since the last message. */
export type InstanceMessage =
  | { readonly kind: "ready"; readonly logs: string }
  | { readonly kind: "logs"; readonly logs: string }
  | {
      readonly kind: "done";
      readonly payload: string;
      readonly failed: boolean;
      readonly logs: string;
      readonly memory: number;
    }
  /** What the instance's heap takes now, in bytes, and what lies outside for it. */
  | { readonly kind: "memory"; readonly memory: number; readonly logs: string };

/** Result of one event. `payload` is JSON text; with `functionError` set it is Lambda's error object. */
export type InvocationResult = {
  readonly payload: string;
  readonly functionError?: "Handled" | "Unhandled";
  readonly timedOut?: boolean;
  readonly logs: string;
};

/** The result when the runtime failed rather than the handler, with Lambda's error object as its payload. */
export function runtimeError(errorType: string, errorMessage: string, logs = ""): InvocationResult {
  return { payload: JSON.stringify({ errorType, errorMessage }), functionError: "Unhandled", logs };
}

/** One warm copy of a function. Takes one event at a time and keeps its module state between events. */
export type Instance = {
  /** Runs one event (JSON text). Never rejects; an instance that failed fatally reports `isGone()` afterwards. */
  run(event: string, requestId: string): Promise<InvocationResult>;
  isGone(): boolean;
  /** What it takes of this machine's memory, as far as one can tell. */
  memoryMb(): number;
  /** Makes it throw away what it no longer needs; resolves when `memoryMb` says what that came to. */
  collectGarbage(): Promise<void>;
  stop(): Promise<void>;
};

const BYTES_PER_MB = 1024 * 1024;
/**
 * What an instance takes beside its heap (stacks, compiler, buffers), and all of a new one: measured as the growth of
 * the process by ten of them.
 */
const BESIDE_HEAP_MB = 12;
export const NEW_INSTANCE_MB = 35;

/**
 * Where new objects go, of an instance. By itself V8 takes up to 48 MB; a third of it costs no more time (a request of
 * 5.8 ms takes 5.7), a sixteenth up to half as much again for those that write.
 */
const YOUNG_GENERATION_MB = 12;

/** Lambda gives ten seconds to the init phase; a machine that starts everything at once needs more. */
const INIT_LIMIT_MS = 30_000;

/** Bytes; Lambda's limit for a synchronous answer. */
const PAYLOAD_LIMIT = 6 * 1024 * 1024;

/** Starts an instance in a worker thread. `print` receives what the function writes, as it comes; `clock` is its time. */
export function startInstance(
  definition: FunctionDefinition,
  environment: Readonly<Record<string, string>>,
  print: (text: string) => void,
  clock?: SharedArrayBuffer,
): Instance {
  const settings: InstanceSettings = {
    module: definition.module,
    handler: definition.handler,
    folder: definition.folder,
    functionName: definition.name,
    functionArn: definition.arn,
    memoryMb: definition.memoryMb,
    timeoutMs: definition.timeoutMs,
    logStream: `local/${randomUUID()}`,
    sourceMaps: (environment.NODE_OPTIONS ?? "").includes("--enable-source-maps"),
    clock,
  };
  const worker = new Worker(new URL("./runtime.js", import.meta.url), {
    workerData: settings,
    env: {
      ...environment,
      AWS_LAMBDA_LOG_STREAM_NAME: settings.logStream,
      NODE_COMPILE_CACHE: compileCache,
    },
    execArgv: [],
    // A function that needs more than its memory fails here as it does on Lambda.
    resourceLimits: {
      maxOldGenerationSizeMb: definition.memoryMb,
      maxYoungGenerationSizeMb: YOUNG_GENERATION_MB,
    },
  });

  let gone: InvocationResult | undefined;
  let ready = false;
  let memoryMb = NEW_INSTANCE_MB;
  const onCollected: (() => void)[] = [];
  let logs = "";
  let waiting:
    | { invocation: { requestId: string; event: string }; settle: (result: InvocationResult) => void }
    | undefined;
  let timer: NodeJS.Timeout | undefined;

  function settle(result: InvocationResult): void {
    clearTimeout(timer);
    const current = waiting;
    waiting = undefined;
    logs = "";
    current?.settle(result);
  }

  function end(result: InvocationResult): void {
    if (gone !== undefined) return;
    gone = result;
    settle(result);
    for (const resolve of onCollected.splice(0)) resolve();
    void worker.terminate();
  }

  function begin(): void {
    if (waiting === undefined) return;
    worker.postMessage(waiting.invocation);
    timer = setTimeout(() => {
      const { requestId } = waiting?.invocation ?? { requestId: "" };
      const seconds = (definition.timeoutMs / 1000).toFixed(2);
      const message = `${requestId} Task timed out after ${seconds} seconds`;
      print(`${message}\n`);
      end({ ...runtimeError("Sandbox.Timedout", message, logs), timedOut: true });
    }, definition.timeoutMs);
  }

  worker.on("message", (message: InstanceMessage) => {
    if (message.logs !== "") {
      logs += message.logs;
      print(message.logs);
    }
    if (message.kind === "ready") {
      ready = true;
      clearTimeout(timer);
      begin();
    } else if (message.kind === "done" || message.kind === "memory") {
      memoryMb = message.memory / BYTES_PER_MB + BESIDE_HEAP_MB;
      if (message.kind === "done") settle(toInvocationResult(message, logs));
      else onCollected.shift()?.();
    }
  });
  worker.on("error", (error) => {
    const kind = error instanceof Error ? error.name : "Error";
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    print(`${text}\n`);
    const type = ready ? kind : "Runtime.ImportModuleError";
    end(runtimeError(type, error instanceof Error ? error.message : text, logs));
  });
  worker.on("exit", (code) => {
    end(runtimeError("Runtime.ExitError", `Runtime exited with error: exit status ${code}`, logs));
  });

  return {
    run: (event, requestId) =>
      new Promise((resolve) => {
        if (gone !== undefined) return resolve(gone);
        waiting = { invocation: { requestId, event }, settle: resolve };
        if (ready) return begin();
        timer = setTimeout(() => {
          end(
            runtimeError("Sandbox.Timedout", `init did not end within ${INIT_LIMIT_MS / 1000} seconds`, logs),
          );
        }, INIT_LIMIT_MS);
      }),
    isGone: () => gone !== undefined,
    memoryMb: () => memoryMb,
    collectGarbage: () =>
      new Promise((resolve) => {
        if (gone !== undefined) return resolve();
        onCollected.push(resolve);
        const message: CollectGarbage = "collect garbage";
        worker.postMessage(message);
      }),
    stop: async () => {
      end(runtimeError("Runtime.Stopped", "the local cloud is stopping", logs));
      await worker.terminate();
    },
  };
}

function toInvocationResult(message: { payload: string; failed: boolean }, logs: string): InvocationResult {
  if (message.failed) return { payload: message.payload, functionError: "Unhandled", logs };
  if (message.payload.length > PAYLOAD_LIMIT) {
    const size = `${message.payload.length} bytes, more than ${PAYLOAD_LIMIT}`;
    return runtimeError("Function.ResponseSizeTooLarge", `Response payload size exceeded: ${size}`, logs);
  }
  return { payload: message.payload, logs };
}
