// Child process: aws-ses-v2-local (SES with a web inbox, in memory), ended with its parent. Arguments: host, port.
import type { Server } from "node:http";
import { createRequire } from "node:module";
import { onParentExit, reportReady } from "./parent-exit.ts";
import { portOf } from "./ports.ts";

const load = createRequire(import.meta.url);
const { default: serve }: { default: (options: { host: string; port: number }) => Promise<Server> } =
  load("aws-ses-v2-local");

const [host = "127.0.0.1", port = "0"] = process.argv.slice(2);
const server = await serve({ host, port: Number(port) });
onParentExit(() => {
  server.closeAllConnections();
  server.close();
});
reportReady(portOf(server));
