import type { RequestMeta } from "@success-manager/contract/dsl/endpoint";
import { Problem } from "@success-manager/contract/problem";
import type { Context } from "aws-lambda";
import type { HttpEvent } from "./context.ts";

/** A request is answered this many milliseconds before Lambda would cut it off. */
export const TIMEOUT_RESERVE_MS = 500;

/** What a request carries beside its declared input. @throws 422 when `If-Match` is no ETag of ours */
export function toMeta({ requestContext, headers, context }: HttpEvent, lambda: Context): RequestMeta {
  // Only endpoints that can answer 412 look at `If-Match`; to all others it means nothing.
  const ifMatch = context.endpoint.errors?.includes(412) ? parseIfMatch(headers["if-match"]) : undefined;
  return {
    requestId: requestContext.requestId,
    sourceIp: requestContext.http.sourceIp,
    origin: publicOrigin(requestContext.domainName),
    headers,
    remaining: () => lambda.getRemainingTimeInMillis() - TIMEOUT_RESERVE_MS,
    ...(ifMatch !== undefined && { ifMatch }),
  };
}

/**
 * The address under which people reach the API: the setting `PUBLIC_URL` for a domain of its own, else the gateway's
 * name. That name is the gateway's own knowledge; `Host` and `X-Forwarded-*` are whatever a caller sends, and would
 * end up in mails to customers.
 *
 * @param domainName from the gateway's event; with a port when it is the local gateway, which speaks plain HTTP
 */
export function publicOrigin(domainName: string, publicUrl = process.env.PUBLIC_URL): string {
  if (publicUrl) return publicUrl;
  return `${/:\d+$/.test(domainName) ? "http" : "https"}://${domainName}`;
}

/** `"7"`, `W/"7"` or 7; `*` asks for nothing. */
function parseIfMatch(header: string | undefined): number | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  const [, digits] = /^\s*(?:W\/)?"?(\d{1,15})"?\s*$/.exec(header) ?? [];
  if (!digits) {
    const msg = 'must be the ETag of an earlier answer, like "3"';
    throw new Problem(422, `If-Match: ${msg}`, {
      errors: [{ loc: ["header", "If-Match"], msg, type: "etag" }],
    });
  }
  return Number(digits);
}
