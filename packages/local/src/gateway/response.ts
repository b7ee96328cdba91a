import * as z from "zod";
import type { InvocationResult } from "../functions/instance.ts";

/** An HTTP response, ready to be written. */
export type HttpResponse = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string | Buffer;
};

/**
 * What the gateway itself says, in the shape in which the API fails as well: `{"detail": "…"}`. AWS's own gateway says
 * `{"message": "…"}`, and no setting of an HTTP API changes that.
 */
const SENTENCES = {
  400: "This is no valid HTTP request.",
  404: "There is nothing at this path.",
  405: "This method is unknown here.",
  408: "The request took too long to arrive.",
  413: "The body is too large; 10 MB is the most, and 6 MB with everything that goes along.",
  417: "What the Expect header asks for is not possible.",
  431: "Path, query and header are too large; 10 KB is the most for all of them.",
  500: "Something went wrong on our side. The log says more; try again later.",
  503: "This is not reachable right now, or took too long. Try again in a moment.",
} as const;
export type GatewayStatus = keyof typeof SENTENCES;

const GATEWAY_HEADERS: Partial<Record<GatewayStatus, Readonly<Record<string, string>>>> = {
  405: { allow: "DELETE, GET, HEAD, OPTIONS, POST, PUT" },
  503: { "retry-after": "2" },
};

/** A response of the gateway itself. */
export function gatewayResponse(
  status: GatewayStatus,
  detail: string = SENTENCES[status],
): HttpResponse & { readonly body: string } {
  return {
    status,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
      "x-content-type-options": "nosniff",
      ...GATEWAY_HEADERS[status],
    },
    body: JSON.stringify({ detail }),
  };
}

const Payload = z.object({
  statusCode: z.coerce.number().int().min(100).max(599),
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

// Node sets these itself from the body and the connection.
const CONNECTION_HEADERS = new Set([
  "content-length",
  "transfer-encoding",
  "connection",
  "keep-alive",
  "date",
]);

/**
 * What the gateway makes of a function's result in payload format 2.0. A result without `statusCode` is
 * inferred to be a 200 with the result as JSON.
 */
export function toHttpResponse(invocation: InvocationResult): HttpResponse {
  if (invocation.timedOut === true) return gatewayResponse(503);
  if (invocation.functionError !== undefined) return gatewayResponse(500);
  const result: unknown = JSON.parse(invocation.payload);
  if (typeof result !== "object" || result === null || !("statusCode" in result)) {
    const body = typeof result === "string" ? result : invocation.payload;
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
  const parsed = Payload.safeParse(result);
  if (!parsed.success) return gatewayResponse(500);
  const { statusCode, headers, cookies, body, isBase64Encoded } = parsed.data;
  return {
    status: statusCode,
    headers: responseHeaders(headers ?? {}, cookies ?? []),
    body: isBase64Encoded === true ? Buffer.from(body ?? "", "base64") : (body ?? ""),
  };
}

function responseHeaders(
  given: Readonly<Record<string, string | number | boolean>>,
  cookies: readonly string[],
): Record<string, string | readonly string[]> {
  const headers: Record<string, string | readonly string[]> = {};
  for (const [name, value] of Object.entries(given)) {
    const key = name.toLowerCase();
    if (!CONNECTION_HEADERS.has(key)) headers[key] = String(value);
  }
  headers["content-type"] ??= "text/plain;charset=UTF-8";
  if (cookies.length > 0) headers["set-cookie"] = cookies;
  return headers;
}
