import type { IncomingMessage } from "node:http";
import * as z from "zod";
import type { HttpResponse } from "./response.ts";

/** `CorsConfiguration` of an HTTP API. */
export const CorsConfiguration = z.object({
  AllowOrigins: z.array(z.string()).default([]),
  AllowMethods: z.array(z.string()).default([]),
  AllowHeaders: z.array(z.string()).default([]),
  ExposeHeaders: z.array(z.string()).default([]),
  AllowCredentials: z.boolean().default(false),
  MaxAge: z.coerce.number().optional(),
});
export type Cors = z.output<typeof CorsConfiguration>;

type Headers = Readonly<Record<string, string>>;

/** A preflight carries both headers; the gateway answers it itself, even where there is an OPTIONS route. */
export function isPreflight(message: IncomingMessage): boolean {
  const { origin, "access-control-request-method": method } = message.headers;
  return message.method === "OPTIONS" && origin !== undefined && method !== undefined;
}

/** Headers of the gateway's response to a preflight; none for an origin that is not allowed. */
export function preflightHeaders(cors: Cors, message: IncomingMessage): Headers {
  const origin = allowedOrigin(cors, message);
  if (origin === undefined) return {};
  return {
    ...originHeaders(cors, origin),
    ...listHeader("access-control-allow-methods", cors.AllowMethods),
    ...listHeader("access-control-allow-headers", cors.AllowHeaders),
    ...(cors.MaxAge === undefined ? {} : { "access-control-max-age": String(cors.MaxAge) }),
  };
}

/** With CORS configured at the gateway, the integration's own CORS headers are dropped and these take their place. */
export function withCors(cors: Cors, message: IncomingMessage, response: HttpResponse): HttpResponse {
  const own = Object.entries(response.headers).filter(([name]) => !name.startsWith("access-control-"));
  const origin = allowedOrigin(cors, message);
  const added =
    origin === undefined
      ? {}
      : {
          ...originHeaders(cors, origin),
          ...listHeader("access-control-expose-headers", cors.ExposeHeaders),
        };
  return { ...response, headers: { ...Object.fromEntries(own), ...added } };
}

function originHeaders(cors: Cors, origin: string): Headers {
  return {
    "access-control-allow-origin": origin,
    ...(cors.AllowCredentials ? { "access-control-allow-credentials": "true" } : {}),
  };
}

/** `*` allows all; `http://*` and `https://*` all of that scheme; else the origin itself must be listed. */
function allowedOrigin(cors: Cors, message: IncomingMessage): string | undefined {
  const origin = message.headers.origin;
  if (origin === undefined) return undefined;
  if (cors.AllowOrigins.includes("*")) return "*";
  const allowed = cors.AllowOrigins.some(
    (item) => item === origin || (item.endsWith("://*") && origin.startsWith(item.slice(0, -1))),
  );
  return allowed ? origin : undefined;
}

function listHeader(name: string, values: readonly string[]): Headers {
  return values.length === 0 ? {} : { [name]: values.join(",") };
}
