import { isUtf8 } from "node:buffer";
import jsonBodyParser from "@middy/http-json-body-parser";
import { Problem } from "@success-manager/contract/problem";
import type { HttpEvent, Middleware } from "./context.ts";

/** The largest body of any endpoint is a few kilobytes; a mebibyte leaves room and protects memory. */
const MAX_BODY_BYTES = 1024 * 1024;

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\b/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;

const refused = (msg: string, type: string) =>
  new Problem(422, `body: ${msg}`, { errors: [{ loc: ["body"], msg, type }] });

/**
 * The gateway puts a replacement character where bytes are no text: a search for it would silently find nothing.
 *
 * @throws 422 when escapes of the query are not of UTF-8 text
 */
function requireTextInQuery(raw: string): void {
  const bytes = raw.replace(/%([\da-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  );
  if (isUtf8(Buffer.from(bytes, "latin1"))) return;
  const msg = "must be UTF-8 text, percent-encoded";
  throw new Problem(422, `query: ${msg}`, { errors: [{ loc: ["query"], msg, type: "encoding" }] });
}

/** @throws 413 over 1 MiB; 422 when it is not UTF-8 */
function textOf({ body = "", isBase64Encoded }: HttpEvent): string {
  if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") > MAX_BODY_BYTES)
    throw new Problem(413, "The body is too large; 1 MiB is the most.");
  if (!isBase64Encoded) return body;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(body, "base64"));
  } catch {
    throw refused("must be UTF-8 text", "encoding");
  }
}

function requireType(event: HttpEvent, pattern: RegExp, msg: string): void {
  if (!pattern.test(event.headers["content-type"] ?? "")) throw refused(msg, "content_type");
}

/** How the parser says that a body has a key by which objects' prototypes are reached. */
const isForbiddenKey = (error: unknown) =>
  error instanceof Error && error.message === "Forbidden key in JSON body";

/**
 * Reads the body as the endpoint declares it: JSON by `@middy/http-json-body-parser`, which also refuses the keys
 * `__proto__` and `constructor.prototype`; a form by the platform. No body at all is left to validation.
 *
 * @throws 413 over 1 MiB; 422 for another content type, text that is not UTF-8, malformed JSON
 */
export function parse(): Middleware {
  // Content types are checked here: the parser would answer 415, this API answers 422 (decision 1).
  const json = jsonBodyParser<HttpEvent>({ disableContentTypeCheck: true });

  return {
    before: async (request) => {
      const { event } = request;
      const { endpoint } = event.context;
      requireTextInQuery(event.rawQueryString);
      if (!endpoint.body && !endpoint.form) return;
      const text = textOf(event);
      if (endpoint.form) {
        requireType(
          event,
          FORM_TYPE,
          "must be form-encoded, with Content-Type: application/x-www-form-urlencoded",
        );
        event.context.payload = Object.fromEntries(new URLSearchParams(text));
      } else if (text.trim()) {
        requireType(event, JSON_TYPE, "must be JSON, with Content-Type: application/json");
        event.body = text;
        event.isBase64Encoded = false;
        try {
          await json.before?.(request);
        } catch (error) {
          throw isForbiddenKey(error)
            ? refused("must not have the keys __proto__ or constructor.prototype", "forbidden_key")
            : refused("is not valid JSON", "json_invalid");
        }
        event.context.payload = event.body;
      }
    },
  };
}
