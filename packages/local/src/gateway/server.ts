import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { listen, portError } from "../processes/ports.ts";
import { isPreflight, preflightHeaders, withCors } from "./cors.ts";
import type { ApiDefinition } from "./definition.ts";
import { toProxyEvent } from "./event.ts";
import { gatewayResponse, type HttpResponse, toHttpResponse } from "./response.ts";

/** The gateway of the local cloud; it listens before it serves, because the functions need its address. */
export type Gateway = {
  readonly port: number;
  serve(api: ApiDefinition): void;
  stop(): Promise<void>;
};

/** Bytes that an HTTP API takes. */
const BODY_LIMIT = 10 * 1024 * 1024;
/** Bytes that Lambda takes. */
const EVENT_LIMIT = 6 * 1024 * 1024;

/** A client that pauses between requests should not meet a closed connection, as after Node's five seconds. */
const KEEP_ALIVE_MS = 60_000;

/**
 * Starts to listen; port 0 takes any free one. Until `serve` is called, every answer is 503.
 * Throws a sentence that names port and option when the port is taken.
 */
export async function startGateway(host: string, port: number): Promise<Gateway> {
  let api: ApiDefinition | undefined;
  const server = createServer((message, response) => {
    void handle(api, message, response);
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  const listening = listen(server, port, host).catch((error: unknown) => {
    throw portError(error, port, "--port");
  });
  return {
    port: await listening,
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

async function handle(api: ApiDefinition | undefined, message: IncomingMessage, response: ServerResponse) {
  const requestId = randomUUID();
  try {
    const content =
      api === undefined
        ? gatewayResponse(503, "Service Unavailable")
        : await respond(api, message, requestId);
    write(response, message, content, requestId);
  } catch (error) {
    // A client that went away needs no answer.
    if (message.destroyed && !message.complete) return;
    const malformedPath = error instanceof URIError;
    const content = malformedPath
      ? gatewayResponse(400, "Bad Request")
      : gatewayResponse(500, "Internal Server Error");
    write(response, message, content, requestId);
  }
}

async function respond(
  api: ApiDefinition,
  message: IncomingMessage,
  requestId: string,
): Promise<HttpResponse> {
  if (api.cors === undefined) return invokeIntegration(api, message, requestId);
  if (!isPreflight(message))
    return withCors(api.cors, message, await invokeIntegration(api, message, requestId));
  message.resume();
  return { status: 204, headers: preflightHeaders(api.cors, message), body: "" };
}

async function invokeIntegration(
  api: ApiDefinition,
  message: IncomingMessage,
  requestId: string,
): Promise<HttpResponse> {
  const url = message.url ?? "/";
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  const selected = api.select(message.method ?? "GET", path);
  if (selected === undefined) {
    message.resume();
    return gatewayResponse(404, "Not Found");
  }
  const body = await readBody(message);
  if (body === "too large") return gatewayResponse(413, "Request Entity Too Large");
  const event = JSON.stringify(
    toProxyEvent({
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
  if (event.length > EVENT_LIMIT) return gatewayResponse(413, "Request Entity Too Large");
  return toHttpResponse(await selected.route.target.run(event));
}

/** Undefined when there is no body. Reads on when it is too large, so that the response reaches the client. */
function readBody(message: IncomingMessage): Promise<Buffer | undefined | "too large"> {
  return new Promise((resolve, reject) => {
    let size = 0;
    let chunks: Buffer[] = [];
    message.on("data", (chunk: Buffer) => {
      size += chunk.length;
      if (size <= BODY_LIMIT) chunks.push(chunk);
      else chunks = [];
    });
    message.on("error", reject);
    message.on("end", () => {
      if (size > BODY_LIMIT) resolve("too large");
      else resolve(size === 0 ? undefined : Buffer.concat(chunks));
    });
  });
}

function write(
  response: ServerResponse,
  message: IncomingMessage,
  { status, headers, body }: HttpResponse,
  requestId: string,
): void {
  const bodiless = status === 204 || status === 304;
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
  response.setHeader("apigw-requestid", requestId);
  if (!bodiless) response.setHeader("content-length", Buffer.byteLength(body));
  response.statusCode = status;
  response.end(bodiless || message.method === "HEAD" ? undefined : body);
}
