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
  const { status = defaultStatus, headers = {}, cookies, body } = reply;
  const isText = typeof body === "string";
  return {
    statusCode: status,
    headers: { "content-type": contentType, ...headers },
    ...(cookies && { cookies: [...cookies] }),
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

/** A file grows by a third in Lambda's answer. */
const MAX_FILE_BYTES = (MAX_RESPONSE_BYTES / 4) * 3;
const FILE_MS = 10_000;

/**
 * The file itself, for a page of another origin: its requests, and no others, name their origin. Sent on to a second
 * foreign origin it would arrive as `null`, like any page in a sandbox, which no bucket should let in (Fetch standard,
 * "redirect-tainted origin").
 */
async function fileBehind({ url }: FileLink, fileType: string): Promise<HttpResult> {
  const file = await fetch(url, { signal: AbortSignal.timeout(FILE_MS) });
  // A bucket that may not be listed says 403 of what is not there.
  if (file.status === 403 || file.status === 404) throw new Problem(404, "The file is not there.");
  if (!file.ok) throw new Error(`The file could not be read: ${file.status}`);
  const bytes = Buffer.from(await file.arrayBuffer());
  if (bytes.length > MAX_FILE_BYTES)
    throw new Problem(
      413,
      "This file is too large for this answer. Ask with `Accept: application/json` for its address, and load it from there.",
    );
  const disposition = file.headers.get("content-disposition");
  return {
    statusCode: 200,
    headers: {
      "content-type": fileType,
      "cache-control": "no-store",
      ...(disposition && { "content-disposition": disposition }),
    },
    body: bytes.toString("base64"),
    isBase64Encoded: true,
  };
}

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
export async function respond({ context, headers }: HttpEvent, outcome: Outcome): Promise<HttpResult> {
  const { endpoint } = context;
  const { returns } = endpoint;
  if (isRaw(returns)) return rawResult(returns, outcome as RawReply);
  if (isRedirect(returns) && !wantsJson(headers.accept)) {
    const link = outcome as FileLink;
    return headers.origin === undefined ? redirectTo(link) : fileBehind(link, returns.fileType);
  }
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
