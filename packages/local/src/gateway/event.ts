import type { IncomingMessage } from "node:http";
import { account } from "../template/references.ts";

/** What the gateway knows of a request when it has chosen the route. */
export type GatewayRequest = {
  readonly message: IncomingMessage;
  readonly apiId: string;
  readonly requestId: string;
  readonly routeKey: string;
  /** As sent, percent-encoded. */
  readonly path: string;
  readonly query: string;
  readonly parameters: Readonly<Record<string, string>> | undefined;
  readonly body: Buffer | undefined;
};

/**
 * The event of a Lambda proxy integration, payload format 2.0 (API Gateway Developer Guide). `rawPath` is
 * decoded, as HTTP APIs deliver it, and `rawQueryString` is not.
 */
export function toProxyEvent(request: GatewayRequest) {
  const { message, body } = request;
  const now = new Date();
  const method = message.method ?? "GET";
  const path = decodeURIComponent(request.path);
  const sourceIp = (message.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
  const host = hostOf(message);
  const headers = headersOf(message, sourceIp);
  const asText = body !== undefined && isTextType(headers["content-type"]);
  const cookies = message.headers.cookie?.split("; ");
  return {
    version: "2.0",
    routeKey: request.routeKey,
    rawPath: path,
    rawQueryString: request.query,
    ...(cookies === undefined ? undefined : { cookies }),
    headers,
    ...(request.query === "" ? undefined : { queryStringParameters: queryOf(request.query) }),
    ...(request.parameters === undefined ? undefined : { pathParameters: request.parameters }),
    requestContext: {
      accountId: account,
      apiId: request.apiId,
      domainName: host,
      domainPrefix: host.split(".")[0] ?? "",
      http: {
        method,
        path,
        protocol: `HTTP/${message.httpVersion}`,
        sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId: request.requestId,
      routeKey: request.routeKey,
      stage: "$default",
      time: accessLogTime(now),
      timeEpoch: now.getTime(),
    },
    ...(body === undefined ? undefined : { body: body.toString(asText ? "utf8" : "base64") }),
    isBase64Encoded: body !== undefined && !asText,
  };
}

/** A name or an address, and perhaps a port. */
const HOST_HEADER = /^([\w.-]+|\[[\da-f:]+\])(:\d+)?$/i;

/**
 * The name under which this gateway was called, with its port. AWS gives a name without a port, for it serves HTTPS
 * on 443; the port tells a function that this is plain HTTP.
 */
function hostOf({ headers, socket }: IncomingMessage): string {
  const [, name = "localhost"] = HOST_HEADER.exec(headers.host ?? "") ?? [];
  return `${name}:${socket.localPort}`;
}

/** Lower case, repeated ones joined with a comma; cookies travel apart. */
function headersOf(message: IncomingMessage, sourceIp: string): Record<string, string> {
  const headers: Record<string, string> = {};
  const raw = message.rawHeaders;
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? "";
    const value = raw[index + 1] ?? "";
    if (name === "cookie" || name === "connection" || name === "transfer-encoding") continue;
    const existing = headers[name];
    headers[name] = existing === undefined ? value : `${existing},${value}`;
  }
  headers["x-forwarded-for"] = headers["x-forwarded-for"]
    ? `${headers["x-forwarded-for"]}, ${sourceIp}`
    : sourceIp;
  headers["x-forwarded-port"] = String(message.socket.localPort ?? "");
  headers["x-forwarded-proto"] = "http";
  return headers;
}

function queryOf(query: string): Record<string, string> {
  const parameters: Record<string, string> = {};
  for (const [name, value] of new URLSearchParams(query)) {
    const existing = Object.hasOwn(parameters, name) ? parameters[name] : undefined;
    parameters[name] = existing === undefined ? value : `${existing},${value}`;
  }
  return parameters;
}

/** Only these content types travel as text; the gateway encodes all others, forms included, as base64. */
function isTextType(contentType: string | undefined): boolean {
  return contentType !== undefined && /^(text\/|application\/(json|javascript|xml)\b)/i.test(contentType);
}

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** `22/Nov/2026:08:00:00 +0000` */
function accessLogTime(time: Date): string {
  const iso = time.toISOString();
  return `${iso.slice(8, 10)}/${MONTHS[time.getUTCMonth()]}/${iso.slice(0, 4)}:${iso.slice(11, 19)} +0000`;
}
