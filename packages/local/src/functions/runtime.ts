// The inside of one function instance: runs in a worker thread, stands in for Lambda's Node runtime.
import { existsSync, readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { getHeapStatistics } from "node:v8";
import { compileFunction, constants } from "node:vm";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import type { CollectGarbage, InstanceMessage, InstanceSettings, Invocation } from "./instance.ts";

type Handler = (event: unknown, context: unknown) => unknown;

const settings: InstanceSettings = workerData;
const port = parentPort;
if (isMainThread || port === null) throw new Error("runtime.ts runs in a worker thread only");

const send = (message: InstanceMessage) => port.postMessage(message);

// Output is collected and travels with the answer: one message per event instead of one per line.
let printed = "";
function takeLogs(): string {
  const text = printed;
  printed = "";
  return text;
}
let flushPlanned = false;
function flush(): void {
  flushPlanned = false;
  if (printed !== "") send({ kind: "logs", logs: takeLogs() });
}
function collect(chunk: unknown, ...rest: unknown[]): boolean {
  printed +=
    typeof chunk === "string" ? chunk : Buffer.from(chunk instanceof Uint8Array ? chunk : []).toString();
  if (!flushPlanned) {
    flushPlanned = true;
    setImmediate(flush);
  }
  const written = rest.at(-1);
  if (typeof written === "function") queueMicrotask(() => written());
  return true;
}
process.stdout.write = collect;
process.stderr.write = collect;
process.on("exit", flush);
if (settings.sourceMaps) process.setSourceMapsEnabled(true);

const handler = findHandler(await loadBundle(settings.folder, settings.module));

function isHandler(value: unknown): value is Handler {
  return typeof value === "function";
}

function findHandler(module: Record<string, unknown>): Handler {
  const candidate = module[settings.handler];
  if (isHandler(candidate)) return candidate;
  throw new Error(`${settings.module} exports no function "${settings.handler}"`);
}

function createContext(requestId: string) {
  const deadline = Date.now() + settings.timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMb),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${settings.functionName}`,
    logStreamName: settings.logStream,
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
  };
}

function errorPayload(error: unknown): string {
  if (!(error instanceof Error))
    return JSON.stringify({ errorType: typeof error, errorMessage: String(error) });
  const trace = error.stack?.split("\n") ?? [];
  return JSON.stringify({ errorType: error.name, errorMessage: error.message, trace });
}

function memoryBytes(): number {
  const { total_heap_size, external_memory } = getHeapStatistics();
  return total_heap_size + external_memory;
}

function answer(payload: string, failed: boolean): void {
  send({ kind: "done", payload, failed, logs: takeLogs(), memory: memoryBytes() });
}

/** V8 waits with this for as long as the heap may grow. */
async function collectGarbage(): Promise<void> {
  const session = new Session();
  session.connect();
  await session.post("HeapProfiler.collectGarbage");
  session.disconnect();
  send({ kind: "memory", memory: memoryBytes(), logs: takeLogs() });
}

async function run({ requestId, event }: Invocation): Promise<void> {
  try {
    const result = await handler(JSON.parse(event), createContext(requestId));
    answer(JSON.stringify(result) ?? "null", false);
  } catch (error) {
    const payload = errorPayload(error);
    collect(`${requestId} ERROR Invoke Error ${payload}\n`);
    answer(payload, true);
  }
}

port.on("message", (message: Invocation | CollectGarbage) =>
  message === "collect garbage" ? collectGarbage() : run(message),
);
send({ kind: "ready", logs: takeLogs() });

/**
 * Loads a function's module. In a Lambda an `index.js` is CommonJS unless the bundle's own package.json says
 * otherwise. Here a package.json further up, the repository's, would decide, so such a file is loaded by hand.
 */
async function loadBundle(folder: string, file: string): Promise<Record<string, unknown>> {
  if (!file.endsWith(".js") || existsSync(join(folder, "package.json")))
    return import(pathToFileURL(file).href);
  const module = { exports: {} };
  const names = ["module", "exports", "require", "__filename", "__dirname"];
  const run = compileFunction(readFileSync(file, "utf8"), names, {
    filename: file,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  });
  run.call(module.exports, module, module.exports, createRequire(file), file, dirname(file));
  return module.exports;
}
