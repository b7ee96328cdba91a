// Child process: s3rver (S3's protocol on a folder), ended with its parent. Argument: S3Settings as JSON.
import { createRequire } from "node:module";
import { onParentExit, reportReady } from "./parent-exit.ts";

/** A folder for the objects, and the buckets with their configuration documents in S3's XML. */
export type S3Settings = {
  readonly directory: string;
  readonly buckets: readonly { readonly name: string; readonly configs: readonly string[] }[];
};

/** The part of s3rver that is used here; the package brings no types. */
type Server = {
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
  httpServer: { closeAllConnections(): void };
};
type ServerClass = new (options: Record<string, unknown>) => Server;

const S3rver: ServerClass = createRequire(import.meta.url)("@20minutes/s3rver");

const { directory, buckets }: S3Settings = JSON.parse(process.argv[2] ?? "{}");
const server = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory,
  vhostBuckets: false,
  allowMismatchedSignatures: false,
  configureBuckets: buckets,
});
const { port } = await server.run();
onParentExit(async () => {
  server.httpServer.closeAllConnections();
  await server.close();
});
reportReady(port);
