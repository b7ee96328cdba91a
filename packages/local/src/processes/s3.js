// @ts-check
// Child process: s3rver (S3's protocol on a folder), ended with its parent. Argument: S3Settings as JSON.
import { createRequire } from "node:module";
import { onParentExit, reportReady } from "./parent-exit.js";

/** @import { S3Settings } from "./servers.ts" */

/**
 * The part of Koa's context that is used here.
 *
 * @typedef {{
 *   readonly method: string;
 *   readonly headers: Readonly<Record<string, unknown>>;
 *   readonly query: Readonly<Record<string, unknown>>;
 *   readonly path: string;
 *   readonly store: { getMetadata(bucket: string, key: string): Promise<{ readonly etag: string }> };
 *   status: number;
 *   type: string;
 *   body: string;
 * }} Context
 *
 * The part of s3rver that is used here; the package brings no types. `middleware`: Koa's, in the order in which they run.
 *
 * @typedef {{
 *   run(): Promise<{ port: number }>;
 *   close(): Promise<void>;
 *   httpServer: { closeAllConnections(): void };
 *   readonly middleware: ((context: Context, next: () => Promise<void>) => Promise<void>)[];
 * }} Server
 *
 * @typedef {new (options: Record<string, unknown>) => Server} ServerClass
 */

/**
 * @param {Context} context
 * @param {number} status
 * @param {string} code
 */
function refuse(context, status, code) {
  context.status = status;
  context.type = "application/xml";
  context.body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
}

// s3rver checks signed queries with `encodeURIComponent`, which leaves `!'()*` alone; who signs does not (Signature
// Version 4, "Create a canonical request"). Names of files have them: `filename*=UTF-8''…`. Nothing else runs here.
const encodeMost = globalThis.encodeURIComponent;
globalThis.encodeURIComponent = (text) =>
  encodeMost(text).replaceAll(
    /[!'()*]/g,
    (/** @type {string} */ mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );

/** @type {ServerClass} */
const S3rver = createRequire(import.meta.url)("@20minutes/s3rver");

/** @type {S3Settings} */
const { port, directory, buckets } = JSON.parse(process.argv[2] ?? "{}");
const server = new S3rver({
  address: "127.0.0.1",
  port,
  silent: true,
  directory,
  vhostBuckets: false,
  allowMismatchedSignatures: false,
  configureBuckets: buckets,
});
/**
 * Writes under way, by path: a condition holds until its write is done.
 *
 * @type {Map<string, Promise<unknown>>}
 */
const writing = new Map();
// s3rver knows no conditional writes: `If-None-Match: *` and `If-Match` of a PUT, answered as S3 answers them.
server.middleware.unshift(async (context, next) => {
  const { method, headers, path } = context;
  const [wanted, unwanted] = [headers["if-match"], headers["if-none-match"]];
  if (method !== "PUT") return next();
  const before = writing.get(path);
  const write = (async () => {
    await before?.catch(() => undefined);
    if (wanted === undefined && unwanted === undefined) return next();
    const [, bucket = "", ...key] = path.split("/").map(decodeURIComponent);
    const stored = await context.store.getMetadata(bucket, key.join("/")).catch(() => undefined);
    if (wanted !== undefined && stored === undefined) return refuse(context, 404, "NoSuchKey");
    const holds = wanted === undefined ? stored === undefined : stored?.etag === wanted;
    return holds ? next() : refuse(context, 412, "PreconditionFailed");
  })();
  writing.set(path, write);
  await write.finally(() => {
    if (writing.get(path) === write) writing.delete(path);
  });
});
// s3rver lets anybody in who shows no signature at all. The buckets are private: S3 would refuse them.
server.middleware.unshift(async (context, next) => {
  const { method, headers, query } = context;
  const isSigned = "authorization" in headers || "X-Amz-Algorithm" in query || "Signature" in query;
  // A browser asks for permission without credentials.
  if (isSigned || method === "OPTIONS") return next();
  refuse(context, 403, "AccessDenied");
});
const listening = await server.run();
onParentExit(async () => {
  server.httpServer.closeAllConnections();
  await server.close();
});
reportReady(listening.port);
