import { randomUUID } from "node:crypto";
import { Worker } from "node:worker_threads";
import type { FunctionDefinition } from "./definition.ts";
import { failure, type InstanceMessage, type InstanceSettings, type Outcome } from "./messages.ts";

/** One warm copy of a function. Takes one event at a time and keeps its module state between events. */
export type Instance = {
  /** Runs one event (JSON text). Never rejects; an instance that failed fatally reports `isGone()` afterwards. */
  run(event: string, requestId: string): Promise<Outcome>;
  isGone(): boolean;
  stop(): Promise<void>;
};

// Lambda gives ten seconds to the init phase; a machine that starts everything at once needs more.
const initLimitMs = 30_000;

// Lambda's limit for a synchronous answer.
const payloadLimit = 6 * 1024 * 1024;

/** Starts an instance in a worker thread. `print` receives what the function writes, as it comes. */
export function startInstance(
  definition: FunctionDefinition,
  environment: Readonly<Record<string, string>>,
  print: (text: string) => void,
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
  };
  const worker = new Worker(new URL("./runtime.ts", import.meta.url), {
    workerData: settings,
    env: { ...environment, AWS_LAMBDA_LOG_STREAM_NAME: settings.logStream },
    execArgv: [],
    // A function that needs more than its memory fails here as it does on Lambda.
    resourceLimits: { maxOldGenerationSizeMb: definition.memoryMb },
  });

  let gone: Outcome | undefined;
  let ready = false;
  let logs = "";
  let waiting:
    | { invocation: { requestId: string; event: string }; settle: (outcome: Outcome) => void }
    | undefined;
  let timer: NodeJS.Timeout | undefined;

  function settle(outcome: Outcome): void {
    clearTimeout(timer);
    const current = waiting;
    waiting = undefined;
    logs = "";
    current?.settle(outcome);
  }

  function die(outcome: Outcome): void {
    if (gone !== undefined) return;
    gone = outcome;
    settle(outcome);
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
      die({ ...failure("Sandbox.Timedout", message, logs), timedOut: true });
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
    } else if (message.kind === "done") settle(outcomeOf(message, logs));
  });
  worker.on("error", (error) => {
    const kind = error instanceof Error ? error.name : "Error";
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    print(`${text}\n`);
    const type = ready ? kind : "Runtime.ImportModuleError";
    die(failure(type, error instanceof Error ? error.message : text, logs));
  });
  worker.on("exit", (code) => {
    die(failure("Runtime.ExitError", `Runtime exited with error: exit status ${code}`, logs));
  });

  return {
    run: (event, requestId) =>
      new Promise((resolve) => {
        if (gone !== undefined) return resolve(gone);
        waiting = { invocation: { requestId, event }, settle: resolve };
        if (ready) return begin();
        timer = setTimeout(() => {
          die(failure("Sandbox.Timedout", `init did not end within ${initLimitMs / 1000} seconds`, logs));
        }, initLimitMs);
      }),
    isGone: () => gone !== undefined,
    stop: async () => {
      die(failure("Runtime.Stopped", "the local cloud is stopping", logs));
      await worker.terminate();
    },
  };
}

function outcomeOf(message: { payload: string; failed: boolean }, logs: string): Outcome {
  if (message.failed) return { payload: message.payload, functionError: "Unhandled", logs };
  if (message.payload.length > payloadLimit) {
    const size = `${message.payload.length} bytes, more than ${payloadLimit}`;
    return failure("Function.ResponseSizeTooLarge", `Response payload size exceeded: ${size}`, logs);
  }
  return { payload: message.payload, logs };
}
