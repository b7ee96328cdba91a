// The inside of one function instance: runs in a worker thread, plays the part of Lambda's Node runtime.
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { loadBundle } from "./load-bundle.ts";
import type { InstanceMessage, InstanceSettings, Invocation } from "./messages.ts";

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

function contextOf(requestId: string) {
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

async function run({ requestId, event }: Invocation): Promise<void> {
  try {
    const result = await handler(JSON.parse(event), contextOf(requestId));
    send({ kind: "done", payload: JSON.stringify(result) ?? "null", failed: false, logs: takeLogs() });
  } catch (error) {
    const payload = errorPayload(error);
    collect(`${requestId} ERROR Invoke Error ${payload}\n`);
    send({ kind: "done", payload, failed: true, logs: takeLogs() });
  }
}

port.on("message", run);
send({ kind: "ready", logs: takeLogs() });
