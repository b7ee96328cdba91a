import { createServer } from "node:net";

/** A port of 127.0.0.1 that was free a moment ago. */
export function freePort(): Promise<number> {
  return probe("127.0.0.1", 0);
}

/** Throws an error that names port and option when somebody listens on it. 0 means any port and passes. */
export async function requireFree(host: string, port: number, option: string): Promise<void> {
  await probe(host, port).catch((error: unknown) => {
    throw portFault(error, port, option);
  });
}

/** The sentence for a port that could not be had; other errors pass through. */
export function portFault(error: unknown, port: number, option: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "EADDRINUSE") return new Error(`port ${port} is in use; choose another with ${option}`);
  if (code === "EACCES")
    return new Error(`port ${port} may not be used by this account; choose another with ${option}`);
  return error;
}

function probe(host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(port, host, () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : port));
    });
  });
}

/** An address to call a server by that listens on all of them. */
export function reachable(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}
