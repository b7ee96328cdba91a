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
// s3rver lets anybody in who shows no signature at all. The buckets are private: S3 would refuse them.
server.middleware.unshift(async (context, next) => {
  const { method, headers, query } = context;
  const isSigned = "authorization" in headers || "X-Amz-Algorithm" in query || "Signature" in query;
  // A browser asks for permission without credentials.
  if (isSigned || method === "OPTIONS") return next();
  context.status = 403;
  context.type = "application/xml";
  context.body =
    '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>';
});
const listening = await server.run();
onParentExit(async () => {
  server.httpServer.closeAllConnections();
  await server.close();
});
reportReady(listening.port);
