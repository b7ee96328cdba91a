import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { text } from "node:stream/consumers";
import { listen } from "../processes/ports.ts";

/** One AWS service that the local cloud speaks itself. */
export type Endpoint = {
  accepts(message: IncomingMessage): boolean;
  answer(message: IncomingMessage, body: string, response: ServerResponse): void | Promise<void>;
};

/** Serves them on one free port of 127.0.0.1. They can only be added while starting: the port comes first. */
export async function startEndpoints(): Promise<{
  url: string;
  add(endpoint: Endpoint): void;
  stop(): Promise<void>;
}> {
  const endpoints: Endpoint[] = [];
  const server = createServer((message, response) => {
    void answer(endpoints, message, response);
  });
  const port = await listen(server, 0);
  return {
    url: `http://127.0.0.1:${port}`,
    add: (endpoint) => endpoints.push(endpoint),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function answer(endpoints: readonly Endpoint[], message: IncomingMessage, response: ServerResponse) {
  try {
    const body = await text(message);
    const endpoint = endpoints.find((candidate) => candidate.accepts(message));
    if (endpoint === undefined) respondJson(response, 404, { __type: "UnknownOperationException" });
    else await endpoint.answer(message, body, response);
  } catch (error) {
    if (!response.headersSent)
      respondJson(response, 400, { __type: "ValidationException", message: String(error) });
  }
}

/** Answers as the AWS JSON protocols do. */
export function respondJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}
