import { connect, createServer, type Server } from "node:net";

/** Where a server listens, once it does. */
export function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server listens on no port");
  return address.port;
}

/** Starts to listen and resolves with the port; 0 takes any free one. Rejects with the system's error. */
export function listen(server: Server, port: number, host = "127.0.0.1"): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, host, () => resolve(portOf(server)));
  });
}

/** Whether somebody accepts connections on this port. */
export function isListening(port: number, host = "127.0.0.1"): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    const settle = (result: boolean) => {
      socket.destroy();
      resolve(result);
    };
    socket.once("connect", () => settle(true));
    socket.once("error", () => settle(false));
    // A machine that drops what it does not want answers nothing.
    socket.setTimeout(1_000, () => settle(false));
  });
}

/** Throws an error that names port and option when somebody listens on it. 0 means any port and passes. */
export async function requireFreePort(host: string, port: number, option: string): Promise<void> {
  if (port === 0) return;
  await probe(host, port).catch((error: unknown) => {
    throw portError(error, port, option);
  });
}

/** The sentence for a port that could not be had; other errors pass through. */
export function portError(error: unknown, port: number, option: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const other = `choose another with ${option}, as in ${option} ${port < 65_000 ? Math.max(port, 1024) + 10 : 8010}`;
  if (code === "EADDRINUSE") return new Error(`port ${port} is in use: stop what listens there, or ${other}`);
  if (code === "EACCES") return new Error(`port ${port} may not be used by this account: ${other}`);
  return error;
}

async function probe(host: string, port: number): Promise<number> {
  const server = createServer();
  const found = await listen(server, port, host);
  await new Promise((resolve) => server.close(resolve));
  return found;
}

/** An address to call a server by that listens on `host`, which may stand for all addresses. */
export function reachableHost(host: string): string {
  return host === "0.0.0.0" || host === "::" ? "127.0.0.1" : host;
}
