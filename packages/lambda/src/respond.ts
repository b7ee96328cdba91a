import { isRaw, type Raw, type RawReply, success } from "@success-manager/contract/dsl/endpoint";
import { Problem } from "@success-manager/contract/problem";
import type { HttpEvent, HttpResult, Outcome } from "./exchange.ts";

/** Lambda's limit for an answer is 6 MB (6 291 556 bytes); this leaves room for the envelope. */
const LARGEST_ANSWER = 6_000_000;

/**
 * Whether a body fits into Lambda's answer, where it travels as a JSON string: quotes are escaped once more,
 * and a character takes up to 3 bytes. Short bodies need no measuring.
 */
const fits = (body: string) =>
  body.length <= LARGEST_ANSWER / 3 || Buffer.byteLength(JSON.stringify(body)) <= LARGEST_ANSWER;

function rawAnswer({ contentType, status: usual }: Raw, reply: RawReply): HttpResult {
  const { status = usual, headers = {}, body } = reply;
  const isText = typeof body === "string";
  return {
    statusCode: status,
    headers: { "content-type": contentType, ...headers },
    body: isText ? body : Buffer.from(body).toString("base64"),
    isBase64Encoded: !isText,
  };
}

const revisionOf = (outcome: Outcome): number | undefined =>
  outcome && "revision" in outcome && typeof outcome.revision === "number" ? outcome.revision : undefined;

/** Turns what an implementation returned into the answer that the contract declares. */
export function respond({ exchange }: HttpEvent, outcome: Outcome): HttpResult {
  const { endpoint } = exchange;
  if (isRaw(endpoint.returns)) return rawAnswer(endpoint.returns, outcome as RawReply);
  const body = JSON.stringify(outcome);
  if (!fits(body))
    throw new Problem(422, "limit: this page would be too large; ask for fewer rows", {
      errors: [
        { loc: ["query", "limit"], msg: "this page would be too large; ask for fewer rows", type: "too_big" },
      ],
    });
  const revision = revisionOf(outcome);
  return {
    statusCode: success(endpoint).status,
    headers: {
      "content-type": "application/json",
      ...(revision !== undefined && { etag: `"${revision}"` }),
    },
    body,
  };
}
