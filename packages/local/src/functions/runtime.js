// @ts-check
// The inside of one function instance: runs in a worker thread, stands in for Lambda's Node runtime. JavaScript, because
// Node loads a compiler into each thread whose TypeScript is not yet in its cache: 21 MB that stay, 80 ms of CPU.
import { existsSync, readFileSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { getHeapStatistics } from "node:v8";
import { compileFunction, constants } from "node:vm";
import { isMainThread, parentPort, workerData } from "node:worker_threads";
import { followVirtualClock } from "./virtual-clock.js";

/** @import { CollectGarbage, InstanceMessage, InstanceSettings, Invocation } from "./instance.ts" */
/** @typedef {(event: unknown, context: unknown) => unknown} Handler */

/** @type {InstanceSettings} */
const settings = workerData;
const port = parentPort;
if (isMainThread || port === null) throw new Error("runtime.ts runs in a worker thread only");

/** @param {InstanceMessage} message */
const send = (message) => port.postMessage(message);

// Output is collected and travels with the answer: one message per event instead of one per line.
let printed = "";
function takeLogs() {
  const text = printed;
  printed = "";
  return text;
}
let flushPlanned = false;
function flush() {
  flushPlanned = false;
  if (printed !== "") send({ kind: "logs", logs: takeLogs() });
}
/**
 * @param {unknown} chunk
 * @param {unknown[]} rest
 */
function collect(chunk, ...rest) {
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
// Before the function's own code, which may keep what `Date` is.
if (settings.clock) followVirtualClock(settings.clock);

const handler = findHandler(await loadBundle(settings.folder, settings.module));

/**
 * @param {unknown} value
 * @returns {value is Handler}
 */
function isHandler(value) {
  return typeof value === "function";
}

/** @param {Record<string, unknown>} module */
function findHandler(module) {
  const candidate = module[settings.handler];
  if (isHandler(candidate)) return candidate;
  throw new Error(`${settings.module} exports no function "${settings.handler}"`);
}

/** @param {string} requestId */
function createContext(requestId) {
  const deadline = performance.now() + settings.timeoutMs;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: settings.functionName,
    functionVersion: "$LATEST",
    invokedFunctionArn: settings.functionArn,
    memoryLimitInMB: String(settings.memoryMb),
    awsRequestId: requestId,
    logGroupName: `/aws/lambda/${settings.functionName}`,
    logStreamName: settings.logStream,
    getRemainingTimeInMillis: () => Math.max(0, deadline - performance.now()),
  };
}

/** @param {unknown} error */
function errorPayload(error) {
  if (!(error instanceof Error))
    return JSON.stringify({ errorType: typeof error, errorMessage: String(error) });
  const trace = error.stack?.split("\n") ?? [];
  return JSON.stringify({ errorType: error.name, errorMessage: error.message, trace });
}

function memoryBytes() {
  const { total_heap_size, external_memory } = getHeapStatistics();
  return total_heap_size + external_memory;
}

/**
 * @param {string} payload
 * @param {boolean} failed
 */
function answer(payload, failed) {
  send({ kind: "done", payload, failed, logs: takeLogs(), memory: memoryBytes() });
}

/** V8 waits with this for as long as the heap may grow. */
async function collectGarbage() {
  const session = new Session();
  session.connect();
  await session.post("HeapProfiler.collectGarbage");
  session.disconnect();
  send({ kind: "memory", memory: memoryBytes(), logs: takeLogs() });
}

/** @param {Invocation} invocation */
async function run({ requestId, event }) {
  try {
    const result = await handler(JSON.parse(event), createContext(requestId));
    answer(JSON.stringify(result) ?? "null", false);
  } catch (error) {
    const payload = errorPayload(error);
    collect(`${requestId} ERROR Invoke Error ${payload}\n`);
    answer(payload, true);
  }
}

/** @param {Invocation | CollectGarbage} message */
const receive = (message) => (message === "collect garbage" ? collectGarbage() : run(message));
port.on("message", receive);
send({ kind: "ready", logs: takeLogs() });

/**
 * Loads a function's module. In a Lambda an `index.js` is CommonJS unless the bundle's own package.json says
 * otherwise. Here a package.json further up, the repository's, would decide, so such a file is loaded by hand.
 *
 * @param {string} folder
 * @param {string} file
 * @returns {Promise<Record<string, unknown>>}
 */
async function loadBundle(folder, file) {
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
