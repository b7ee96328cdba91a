// Child process: s3rver (S3's protocol on a folder) on a leash.
// Argument: JSON {directory, buckets: [{name, configs: [xml]}]}.
import { createRequire } from "node:module";
import * as z from "zod";
import { endWithParent, reportReady } from "./leash.ts";

const Settings = z.object({
  directory: z.string(),
  buckets: z.array(z.object({ name: z.string(), configs: z.array(z.string()) })),
});

/** The part of s3rver that is used here; the package brings no types. */
type Server = {
  run(): Promise<{ port: number }>;
  close(): Promise<void>;
  httpServer: { closeAllConnections(): void };
};
type ServerClass = new (options: Record<string, unknown>) => Server;

const S3rver: ServerClass = createRequire(import.meta.url)("@20minutes/s3rver");

const settings = Settings.parse(JSON.parse(process.argv[2] ?? "{}"));
const server = new S3rver({
  address: "127.0.0.1",
  port: 0,
  silent: true,
  directory: settings.directory,
  vhostBuckets: false,
  allowMismatchedSignatures: false,
  configureBuckets: settings.buckets,
});
const { port } = await server.run();
endWithParent(async () => {
  server.httpServer.closeAllConnections();
  await server.close();
});
reportReady(port);
