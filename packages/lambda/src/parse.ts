import { Problem } from "@success-manager/contract/problem";
import type { HttpEvent, Step } from "./exchange.ts";

/** The largest body of any endpoint is a few kilobytes; a mebibyte leaves room and protects memory. */
const LARGEST_BODY = 1024 * 1024;

const JSON_TYPE = /^application\/([\w.+-]+\+)?json\b/i;
const FORM_TYPE = /^application\/x-www-form-urlencoded\b/i;

const refused = (msg: string, type: string) =>
  new Problem(422, `body: ${msg}`, { errors: [{ loc: ["body"], msg, type }] });

function textOf({ body = "", isBase64Encoded }: HttpEvent): string {
  if (Buffer.byteLength(body, isBase64Encoded ? "base64" : "utf8") > LARGEST_BODY)
    throw new Problem(413, "The body is too large; 1 MiB is the most.");
  if (!isBase64Encoded) return body;
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(Buffer.from(body, "base64"));
  } catch {
    throw refused("must be UTF-8 text", "encoding");
  }
}

function json(event: HttpEvent, text: string): unknown {
  if (!JSON_TYPE.test(event.headers["content-type"] ?? ""))
    throw refused("must be JSON, with Content-Type: application/json", "content_type");
  try {
    return JSON.parse(text);
  } catch {
    throw refused("is not valid JSON", "json_invalid");
  }
}

function form(event: HttpEvent, text: string): unknown {
  if (!FORM_TYPE.test(event.headers["content-type"] ?? ""))
    throw refused(
      "must be form-encoded, with Content-Type: application/x-www-form-urlencoded",
      "content_type",
    );
  return Object.fromEntries(new URLSearchParams(text));
}

/** Reads the body as the endpoint declares it. No body at all is left to validation. */
export const parse = (): Step => ({
  before: ({ event }) => {
    const { endpoint } = event.exchange;
    if (!endpoint.body && !endpoint.form) return;
    const text = textOf(event);
    if (endpoint.form) event.exchange.payload = form(event, text);
    else if (text.trim()) event.exchange.payload = json(event, text);
  },
});
