import {
  type Endpoint,
  type FileLink,
  isAccepted,
  isRaw,
  isRedirect,
  type RawReply,
  type RawResponse,
  success,
} from "@success-manager/contract/dsl/endpoint";
import { Problem } from "@success-manager/contract/problem";
import type { HttpEvent, HttpResult, Outcome } from "./context.ts";

/** Lambda's limit for an answer is 6 MB (6 291 556 bytes); this leaves room for the envelope. */
const MAX_RESPONSE_BYTES = 6_000_000;

/**
 * Whether a body fits into Lambda's answer, where it travels as a JSON string: quotes are escaped once more,
 * and a character takes up to 3 bytes. Short bodies need no measuring.
 */
const fits = (body: string) =>
  body.length <= MAX_RESPONSE_BYTES / 3 || Buffer.byteLength(JSON.stringify(body)) <= MAX_RESPONSE_BYTES;

function rawResult({ contentType, status: defaultStatus }: RawResponse, reply: RawReply): HttpResult {
  const { status = defaultStatus, headers = {}, body } = reply;
  const isText = typeof body === "string";
  return {
    statusCode: status,
    headers: { "content-type": contentType, ...headers },
    body: isText ? body : Buffer.from(body).toString("base64"),
    isBase64Encoded: !isText,
  };
}

/** Whether JSON is asked for and nothing else; browsers and HTTP libraries take all there is, and may be redirected. */
const wantsJson = (accept = "") => {
  const types = accept.split(",").map((type) => type.split(";")[0]?.trim().toLowerCase());
  return (
    types.includes("application/json") && !types.some((type) => type === "*/*" || type === "application/pdf")
  );
};

const redirectTo = ({ url }: FileLink): HttpResult => ({
  statusCode: 307,
  // The address lets anybody in for a while: nobody keeps it.
  headers: { location: url, "cache-control": "no-store" },
  body: "",
});

/** The revision of what the answer is about: of itself, or of the field that the contract names. */
function revisionOf({ resource }: Endpoint, outcome: Outcome): number | undefined {
  const about: unknown =
    resource === undefined ? outcome : new Map(Object.entries(outcome ?? {})).get(resource);
  if (typeof about !== "object" || about === null || !("revision" in about)) return undefined;
  return typeof about.revision === "number" ? about.revision : undefined;
}

function statusOf(endpoint: Endpoint, outcome: Outcome): number {
  const { returns } = endpoint;
  if (isRedirect(returns)) return 200;
  return isAccepted(returns) && returns.isPending(outcome) ? 202 : success(endpoint).status;
}

/** Turns what an implementation returned into the answer that the contract declares. */
export function respond({ context, headers }: HttpEvent, outcome: Outcome): HttpResult {
  const { endpoint } = context;
  const { returns } = endpoint;
  if (isRaw(returns)) return rawResult(returns, outcome as RawReply);
  if (isRedirect(returns) && !wantsJson(headers.accept)) return redirectTo(outcome as FileLink);
  const body = JSON.stringify(outcome);
  if (!fits(body))
    throw new Problem(422, "limit: this page would be too large; ask for fewer rows", {
      errors: [
        { loc: ["query", "limit"], msg: "this page would be too large; ask for fewer rows", type: "too_big" },
      ],
    });
  const revision = revisionOf(endpoint, outcome);
  return {
    statusCode: statusOf(endpoint, outcome),
    headers: {
      "content-type": "application/json",
      ...(revision !== undefined && { etag: `"${revision}"` }),
    },
    body,
  };
}
