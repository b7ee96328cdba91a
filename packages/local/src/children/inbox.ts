// Child process: aws-ses-v2-local (SES with a web inbox, in memory) on a leash. Arguments: host, port.

import type { Server } from "node:http";
import { createRequire } from "node:module";
import { endWithParent, reportReady } from "./leash.ts";

const load = createRequire(import.meta.url);
const { default: serve }: { default: (options: { host: string; port: number }) => Promise<Server> } =
  load("aws-ses-v2-local");

const [host = "127.0.0.1", wanted = "0"] = process.argv.slice(2);
const server = await serve({ host, port: Number(wanted) });
endWithParent(() => {
  server.closeAllConnections();
  server.close();
});
const address = server.address();
reportReady(typeof address === "object" && address !== null ? address.port : Number(wanted));
