import type { RequestMeta } from "@success-manager/contract/dsl/endpoint";
import { type IfMatch, Problem } from "@success-manager/contract/problem";
import type { Context } from "aws-lambda";
import type { HttpEvent } from "./context.ts";

/** A request is answered this many milliseconds before Lambda would cut it off. */
export const TIMEOUT_RESERVE_MS = 500;

/** The answer to a request that Lambda would cut off: what it began may go on for a moment. */
export class TimedOut extends Problem {
  constructor() {
    super(503, "This takes longer than a request may. Try again with less at once.", {
      headers: { "retry-after": "5" },
    });
  }
}

/** What a request carries beside its declared input. @throws 422 when `If-Match` is no list of ETags */
export function toMeta(
  { requestContext, headers, cookies = [], context }: HttpEvent,
  lambda: Context,
): RequestMeta {
  // Only endpoints that can answer 412 look at `If-Match`; to all others it means nothing.
  const ifMatch = context.endpoint.errors?.includes(412) ? parseIfMatch(headers["if-match"]) : undefined;
  return {
    requestId: requestContext.requestId,
    sourceIp: requestContext.http.sourceIp,
    origin: publicOrigin(requestContext.domainName),
    headers,
    cookies,
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

/** One element of a list of entity tags (RFC 9110, 8.8.3 and 5.6.1); a bare number is taken as well. */
const TAG = /[\s,]*(?:(W\/)?"([^"\s\p{Cc}]*)"|(\d+))\s*(?=,|$)/uy;

/**
 * The revisions that `If-Match` names. `*` asks for nothing more than that there is one, which 404 answers. Weak tags
 * never match (RFC 9110, 13.1.1), and neither do tags that we have not given: they name no revision.
 */
function parseIfMatch(header: string | undefined): IfMatch | undefined {
  if (header === undefined || header.trim() === "*") return undefined;
  const named: number[] = [];
  let end = 0;
  TAG.lastIndex = 0;
  for (let tag = TAG.exec(header); tag !== null; tag = TAG.exec(header)) {
    end = TAG.lastIndex;
    const [, weak, quoted, bare] = tag;
    const revision = quoted ?? bare ?? "";
    if (weak === undefined && /^(0|[1-9]\d{0,14})$/.test(revision)) named.push(Number(revision));
  }
  if (end > 0 && /^[\s,]*$/.test(header.slice(end))) return named;
  const msg = 'must be the ETag of an earlier answer, like "3"';
  throw new Problem(422, `If-Match: ${msg}`, {
    errors: [{ loc: ["header", "If-Match"], msg, type: "etag" }],
  });
}
