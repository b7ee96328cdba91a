import { randomUUID } from "node:crypto";
import {
  createServer,
  type IncomingMessage,
  type Server,
  type ServerResponse,
  STATUS_CODES,
} from "node:http";
import type { Duplex } from "node:stream";
import { listen, portError } from "../processes/ports.ts";
import { isPreflight, preflightHeaders, withCors } from "./cors.ts";
import type { ApiDefinition } from "./definition.ts";
import { toProxyEvent } from "./event.ts";
import { type GatewayStatus, gatewayResponse, type HttpResponse, toHttpResponse } from "./response.ts";

/** The gateway of the local cloud; it listens before it serves, because the functions need its address. */
export type Gateway = {
  readonly port: number;
  serve(api: ApiDefinition): void;
  stop(): Promise<void>;
};

/** Bytes that an HTTP API takes. */
const BODY_LIMIT = 10 * 1024 * 1024;
/** Bytes of request line and header that an HTTP API takes. */
const HEADER_LIMIT = 10 * 1024;
/** Bytes that Lambda takes. */
const EVENT_LIMIT = 6 * 1024 * 1024;

/** A client that pauses between requests should not meet a closed connection, as after Node's five seconds. */
const KEEP_ALIVE_MS = 60_000;

/** How requests are logged: not at all without `log`. */
type Log = ((line: string) => void) | undefined;

/**
 * Starts to listen; port 0 takes any free one. Until `serve` is called, every answer is 503. Each answer is one line
 * for `log`. Throws a sentence that names port and option when the port is taken.
 */
export async function startGateway(host: string, port: number, log?: Log): Promise<Gateway> {
  let api: ApiDefinition | undefined;
  // A missing host is refused below, in our own words.
  const server = createServer(
    { requireHostHeader: false, maxHeaderSize: HEADER_LIMIT },
    (message, response) => {
      void handle(api, message, response, log);
    },
  );
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  answerMalformed(server, log);
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

/** What Node's parser says of a request that it can't read. */
const MALFORMED: Readonly<Record<string, GatewayStatus>> = {
  HPE_INVALID_METHOD: 405,
  HPE_HEADER_OVERFLOW: 431,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/** Gives requests that never reach the handler an answer like all others; Node's own has no body. */
function answerMalformed(server: Server, log: Log): void {
  const end = (socket: Duplex, status: GatewayStatus) => {
    if (!socket.writable) return void socket.destroy();
    const { headers, body } = gatewayResponse(status);
    const lines = Object.entries({
      ...headers,
      connection: "close",
      "content-length": Buffer.byteLength(body),
    });
    socket.end(
      [
        `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
        ...lines.map(([name, value]) => `${name}: ${value}`),
        "",
        body,
      ].join("\r\n"),
    );
    log?.(`(unreadable request) ${status}`);
  };
  server.on("clientError", ({ code, rawPacket }: Error & { code?: string; rawPacket?: Buffer }, socket) => {
    if (code === "ECONNRESET") return void socket.destroy();
    // TLS and other protocols begin with something that is no word.
    const isWord = /^[a-z-]+ /i.test(rawPacket?.toString("latin1", 0, 40) ?? "");
    end(socket, code === "HPE_INVALID_METHOD" && !isWord ? 400 : (MALFORMED[code ?? ""] ?? 400));
  });
  server.on("connect", (_message, socket) => end(socket, 405));
  server.on("checkExpectation", (message: IncomingMessage, response: ServerResponse) => {
    message.resume();
    write(response, message, gatewayResponse(417), randomUUID());
  });
}

async function handle(
  api: ApiDefinition | undefined,
  message: IncomingMessage,
  response: ServerResponse,
  log: Log,
) {
  const began = performance.now();
  const requestId = randomUUID();
  // A client that went away needs no answer.
  const isGone = () => message.destroyed && !message.complete;
  const content = await respond(api, message, requestId).catch((error: unknown) => {
    if (!isGone()) log?.(`the gateway failed: ${error instanceof Error ? error.message : error}`);
    return gatewayResponse(500);
  });
  if (isGone()) return;
  write(response, message, content, requestId);
  log?.(requestLine(message, content.status, performance.now() - began));
}

/** Longer parts of a path are tokens; ids have 36 characters, names of files may have some more. */
const LONGEST_PART = 40;
const LONGEST_PATH = 120;

/** `GET /api/v1/customers 200 12 ms`: no query, in which people search for people, and no tokens of a path. */
export function requestLine({ method, url = "/" }: IncomingMessage, status: number, ms: number): string {
  const [path = ""] = url.split("?");
  const shown = path
    .split("/")
    .map((part) => (part.length > LONGEST_PART ? "…" : part))
    .join("/");
  const short = shown.length > LONGEST_PATH ? `${shown.slice(0, LONGEST_PATH)}…` : shown;
  return `${method} ${short} ${status} ${Math.round(ms)} ms`;
}

async function respond(
  api: ApiDefinition | undefined,
  message: IncomingMessage,
  requestId: string,
): Promise<HttpResponse> {
  if (api === undefined)
    return refuse(message, 503, "The local cloud is just starting. Try again in a moment.");
  if (message.headers.host === undefined && message.httpVersion === "1.1")
    return refuse(message, 400, "The Host header is missing.");
  if (api.cors === undefined) return invokeIntegration(api, message, requestId);
  if (!isPreflight(message))
    return withCors(api.cors, message, await invokeIntegration(api, message, requestId));
  message.resume();
  return { status: 204, headers: preflightHeaders(api.cors, message), body: "" };
}

/** Refuses a request whose body nobody reads. */
function refuse(message: IncomingMessage, status: GatewayStatus, detail?: string): HttpResponse {
  message.resume();
  return gatewayResponse(status, detail);
}

async function invokeIntegration(
  api: ApiDefinition,
  message: IncomingMessage,
  requestId: string,
): Promise<HttpResponse> {
  const url = message.url ?? "/";
  const mark = url.indexOf("?");
  const path = mark < 0 ? url : url.slice(0, mark);
  if (!isDecodable(path))
    return refuse(message, 400, "The path holds a percent sign that begins no escape of UTF-8 text.");
  const selected = api.select(message.method ?? "GET", path);
  if (selected === undefined) return refuse(message, 404);
  const body = await readBody(message);
  if (body === "too large") return gatewayResponse(413);
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
  if (event.length > EVENT_LIMIT) return gatewayResponse(413);
  return toHttpResponse(await selected.route.target.run(event));
}

function isDecodable(path: string): boolean {
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
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
