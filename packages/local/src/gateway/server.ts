import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { portFault } from "../children/port.ts";
import { type Answer, answerOf, gatewayAnswer } from "./answer.ts";
import { isPreflight, preflightHeaders, withCors } from "./cors.ts";
import type { ApiDefinition } from "./definition.ts";
import { eventOf } from "./event.ts";

/** The gateway of the local cloud; it listens before it serves, because the functions need its address. */
export type Gateway = {
  readonly port: number;
  serve(api: ApiDefinition): void;
  stop(): Promise<void>;
};

// Limits of HTTP APIs: 10 MB of body; Lambda takes 6 MB of event.
const bodyLimit = 10 * 1024 * 1024;
const eventLimit = 6 * 1024 * 1024;

// Node's five seconds make clients with slow habits meet a closed connection.
const keepAliveMs = 60_000;

/** Starts to listen. Throws a sentence that names port and option when the port is taken. */
export async function startGateway(host: string, wanted: number): Promise<Gateway> {
  let api: ApiDefinition | undefined;
  const server = createServer((message, response) => {
    void handle(api, message, response);
  });
  server.keepAliveTimeout = keepAliveMs;
  const port = await listen(server, host, wanted);
  return {
    port,
    serve: (definition) => {
      api = definition;
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, host: string, wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (error) => reject(portFault(error, wanted, "--port")));
    server.listen(wanted, host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : wanted);
    });
  });
}

async function handle(api: ApiDefinition | undefined, message: IncomingMessage, response: ServerResponse) {
  const requestId = randomUUID();
  try {
    const answer =
      api === undefined ? gatewayAnswer(503, "Service Unavailable") : await answerTo(api, message, requestId);
    write(response, message, answer, requestId);
  } catch (error) {
    // A client that went away needs no answer.
    if (message.destroyed && !message.complete) return;
    const malformed = error instanceof URIError;
    const answer = malformed
      ? gatewayAnswer(400, "Bad Request")
      : gatewayAnswer(500, "Internal Server Error");
    write(response, message, answer, requestId);
  }
}

async function answerTo(api: ApiDefinition, message: IncomingMessage, requestId: string): Promise<Answer> {
  if (api.cors === undefined) return integrationAnswer(api, message, requestId);
  if (!isPreflight(message))
    return withCors(api.cors, message, await integrationAnswer(api, message, requestId));
  message.resume();
  return { status: 204, headers: preflightHeaders(api.cors, message), body: "" };
}

async function integrationAnswer(
  api: ApiDefinition,
  message: IncomingMessage,
  requestId: string,
): Promise<Answer> {
  const url = message.url ?? "/";
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const selected = api.select(message.method ?? "GET", path);
  if (selected === undefined) {
    message.resume();
    return gatewayAnswer(404, "Not Found");
  }
  const body = await readBody(message);
  if (body === "too large") return gatewayAnswer(413, "Request Entity Too Large");
  const event = JSON.stringify(
    eventOf({
      message,
      apiId: api.id,
      requestId,
      routeKey: selected.route.key,
      path,
      query: mark < 0 ? "" : url.slice(mark + 1),
      parameters: selected.parameters,
      body,
    }),
  );
  if (event.length > eventLimit) return gatewayAnswer(413, "Request Entity Too Large");
  return answerOf(await selected.route.target.run(event));
}

/** Undefined when there is no body. Reads on when it is too large, so that the answer reaches the client. */
function readBody(message: IncomingMessage): Promise<Buffer | undefined | "too large"> {
  return new Promise((resolve, reject) => {
    let size = 0;
    let chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= bodyLimit) chunks.push(chunk);
      else chunks = [];
    });
    message.on("error", reject);
    message.on("end", () => {
      if (size > bodyLimit) resolve("too large");
      else resolve(size === 0 ? undefined : Buffer.concat(chunks));
    });
  });
}

function write(response: ServerResponse, message: IncomingMessage, answer: Answer, requestId: string): void {
  const bodiless = answer.status === 204 || answer.status === 304;
  for (const [name, value] of Object.entries(answer.headers)) response.setHeader(name, value);
  response.setHeader("apigw-requestid", requestId);
  if (!bodiless) response.setHeader("content-length", Buffer.byteLength(answer.body));
  response.statusCode = answer.status;
  response.end(bodiless || message.method === "HEAD" ? undefined : answer.body);
}
