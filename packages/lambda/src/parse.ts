import jsonBodyParser from "@middy/http-json-body-parser";
import { Problem, type ValidationError } from "@success-manager/contract/problem";
import type { z } from "zod";
import type { HttpEvent, Middleware } from "./context.ts";

/** The largest body of any endpoint is a few kilobytes; a mebibyte leaves room and protects memory. */
const MAX_BODY_BYTES = 1024 * 1024;

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\b/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;

/** Names of UTF-8, and of ASCII, which is a part of it. */
const UTF8 = /^(utf-?8|us-ascii)$/i;
const CHARSET = /;\s*charset\s*=\s*(?:"([^"]*)"|([^\s;"]*))/gi;

const refused = (msg: string, type: string) =>
  new Problem(422, `body: ${msg}`, { errors: [{ loc: ["body"], msg, type }] });

const notUtf8 = () =>
  refused("must be UTF-8 text, without U+FFFD, which stands for bytes that were not", "encoding");

/**
 * The body as text, without a byte order mark. What travels as text (JSON does) was decoded by the gateway, which
 * puts U+FFFD where bytes are no UTF-8. NUL is in no text, and in every second byte of UTF-16.
 *
 * @throws 413 over 1 MiB; 422 when it is not UTF-8
 */
function textOf({ body = "", isBase64Encoded }: HttpEvent): string {
  if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") > MAX_BODY_BYTES)
    throw new Problem(413, "The body is too large; 1 MiB is the most.");
  const text = isBase64Encoded ? decodeUtf8(Buffer.from(body, "base64")) : body.replace(/^\ufeff/, "");
  if (text === undefined || text.includes("\0") || (!isBase64Encoded && text.includes("\ufffd")))
    throw notUtf8();
  return text;
}

/** Text without a byte order mark; undefined when the bytes are no UTF-8. */
function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** @throws 415 for a compressed body (RFC 9110, 15.5.16), and for another charset than UTF-8 */
function requireEncoding({ headers }: HttpEvent): void {
  const { "content-type": type = "", "content-encoding": codings = "" } = headers;
  if (codings.split(",").some((coding) => !/^(identity)?$/i.test(coding.trim())))
    throw new Problem(415, "The body is compressed. Send it as it is, without Content-Encoding.", {
      headers: { "accept-encoding": "identity" },
    });
  const charsets = [...type.matchAll(CHARSET)].map(([, quoted, plain = ""]) => (quoted ?? plain).trim());
  if (charsets.some((charset) => charset !== "" && !UTF8.test(charset)))
    throw new Problem(415, "The body must be UTF-8, and its Content-Type must not name another charset.");
}

function requireType({ headers }: HttpEvent, pattern: RegExp, msg: string): void {
  if (!pattern.test(headers["content-type"] ?? "")) throw refused(msg, "content_type");
}

interface ParsedParameters {
  readonly values: Readonly<Record<string, string>>;
  readonly errors: readonly ValidationError[];
}

/** A percent sign without two digits behind it stays, as browsers do it. Undefined when it is no UTF-8. */
function decodeParameter(encoded: string): string | undefined {
  const bytes = Buffer.from(encoded.replaceAll("+", " ")).toString("latin1");
  const decoded = bytes.replace(/%([\da-f]{2})/gi, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return decodeUtf8(Buffer.from(decoded, "latin1"));
}

/**
 * Reads `a=1&b=2` as URLs and forms hold it. What is declared comes once and in UTF-8: of two values neither is
 * chosen silently. Anything else is passed over.
 */
function parametersOf(encoded: string, schema: z.ZodObject, location: "query" | "body"): ParsedParameters {
  const values = new Map<string, string>();
  const errors = new Map<string, ValidationError>();
  const refuse = (name: string, msg: string, type: string) =>
    errors.set(name, { loc: [location, name], msg, type });
  for (const pair of encoded.split("&")) {
    const [, encodedName = "", encodedValue = ""] = /^([^=]*)=?(.*)$/s.exec(pair) ?? [];
    const name = decodeParameter(encodedName);
    if (name === undefined || !Object.hasOwn(schema.shape, name)) continue;
    const value = decodeParameter(encodedValue);
    if (value === undefined) refuse(name, "must be UTF-8 text, percent-encoded", "encoding");
    else if (values.has(name)) refuse(name, "must be given once", "repeated");
    values.set(name, value ?? "");
  }
  return { values: Object.fromEntries(values), errors: [...errors.values()] };
}

/** How the parser says that a body has a key by which objects' prototypes are reached. */
const isForbiddenKey = (error: unknown) =>
  error instanceof Error && error.message === "Forbidden key in JSON body";

/**
 * Reads query and body as the endpoint declares them: JSON by `@middy/http-json-body-parser`, which also refuses the
 * keys `__proto__` and `constructor.prototype`. No body at all is left to validation, and so is what is wrong with
 * single parameters.
 *
 * @throws 413 over 1 MiB; 415 for compressed bodies and other charsets; 422 for another content type, text that is
 *   not UTF-8, malformed JSON
 */
export function parse(): Middleware {
  // Content types are checked here: the parser would answer 415, this API answers 422 (decision 1).
  const json = jsonBodyParser<HttpEvent>({ disableContentTypeCheck: true });

  return {
    before: async (request) => {
      const { event } = request;
      const { endpoint } = event.context;
      if (endpoint.query) {
        // The gateway joins repeated parameters by commas, and commas may be in values: only the raw query is exact.
        const query = parametersOf(event.rawQueryString, endpoint.query, "query");
        event.context.query = query.values;
        event.context.errors.push(...query.errors);
      }
      if (!endpoint.body && !endpoint.form) return;
      if (event.body) requireEncoding(event);
      if (endpoint.form) {
        requireType(
          event,
          FORM_TYPE,
          "must be form-encoded, with Content-Type: application/x-www-form-urlencoded",
        );
        const form = parametersOf(textOf(event), endpoint.form, "body");
        event.context.payload = form.values;
        event.context.errors.push(...form.errors);
      } else if (event.body) {
        const text = textOf(event);
        if (!text.trim()) return;
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
