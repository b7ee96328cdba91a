import { gunzipSync } from "node:zlib";
import type { RawReply, RequestMeta } from "@success-manager/contract/dsl/endpoint";
import type { Packed } from "./packed.ts";

const takesGzip = (accepted = "") => /(^|[\s,])(gzip|\*)(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);

/** RFC 9110, 13.1.2: any of the listed tags, weak ones too. */
const isKnown = (etag: string, known = "") =>
  known
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""))
    .some((tag) => tag === etag || tag === "*");

/** Answers with a file: nothing when the caller has it already, else compressed where that is understood. */
export function send(
  { contentType, gzip, etag }: Packed,
  headers: RequestMeta["headers"],
  cacheControl: string,
): RawReply {
  const common = {
    "content-type": contentType,
    "cache-control": cacheControl,
    vary: "accept-encoding",
    etag,
  };
  if (isKnown(etag, headers["if-none-match"])) return { status: 304, headers: common, body: "" };
  if (takesGzip(headers["accept-encoding"]))
    return { headers: { ...common, "content-encoding": "gzip" }, body: gzip };
  return { headers: { ...common, etag: `W/${etag}` }, body: gunzipSync(gzip) };
}
