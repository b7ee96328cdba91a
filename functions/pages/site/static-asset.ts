import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import type { RawReply, RequestMeta } from "@success-manager/contract/dsl/endpoint";
import { notFound } from "@success-manager/contract/problem";

/** A file as it travels: compressed once, told apart from its other versions by its ETag. */
interface StaticAsset {
  readonly contentType: string;
  readonly gzip: Uint8Array;
  /** Strong, with its quotes. */
  readonly etag: string;
}

const CONTENT_TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

/** 96 bits are far more than a handful of files need to differ. */
const ETAG_LENGTH = 16;

/** A file whose content is compressed already; its type follows from the name. */
const fromGzip = (name: string, gzip: Uint8Array): StaticAsset => ({
  contentType: CONTENT_TYPES[extname(name)] ?? "application/octet-stream",
  gzip,
  etag: `"${createHash("sha256").update(gzip).digest("base64url").slice(0, ETAG_LENGTH)}"`,
});

/** The scripts, styles and pictures of the pages. */
export interface StaticAssets {
  /** The URL of a file, different for each version of it, so that it can be kept for good. */
  href(name: string): string;
  /**
   * Sends the file of this name, to be kept for good unless `cacheControl` says otherwise. Throws 404 when there is
   * none; a path finds nothing.
   */
  answer(name: string, headers: RequestMeta["headers"], cacheControl?: string): RawReply;
}

const SUFFIX = ".gz";

/**
 * Opens a folder of `<name>.gz` files, which are asked for at `url`. Its content at the start is all there
 * will ever be: what is not listed then can't be asked for. Each file is read once, when it is first wanted.
 *
 * @param changes by the name of a file, what is sent in the place of its text
 */
export function staticAssets(
  folder: string,
  url: string,
  changes: Readonly<Record<string, (text: string) => string>> = {},
): StaticAssets {
  const listed = existsSync(folder) ? readdirSync(folder) : [];
  const names = new Set(listed.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -3)));
  const opened = new Map<string, StaticAsset>();

  const open = (name: string): StaticAsset => {
    const before = opened.get(name);
    if (before) return before;
    const gzip = readFileSync(join(folder, name + SUFFIX));
    const change = changes[name];
    const file = fromGzip(name, change ? gzipSync(change(gunzipSync(gzip).toString())) : gzip);
    opened.set(name, file);
    return file;
  };
  const find = (name: string) => (names.has(name) ? open(name) : undefined);

  return {
    href: (name) => {
      const version = find(name)?.etag.replaceAll('"', "");
      return `${url}/${name}${version ? `?v=${version}` : ""}`;
    },
    answer: (name, headers, cacheControl = "public, max-age=31536000, immutable") => {
      const file = find(name);
      if (!file) throw notFound("File");
      return sendAsset(file, headers, cacheControl);
    },
  };
}

const acceptsGzip = (accepted = "") => /(^|[\s,])(gzip|\*)(?!\s*;\s*q=0(\.0*)?\s*(,|$))/i.test(accepted);

/** RFC 9110, 13.1.2: any of the listed tags, weak ones too. */
const isCached = (etag: string, ifNoneMatch = "") =>
  ifNoneMatch
    .split(",")
    .map((tag) => tag.trim().replace(/^W\//, ""))
    .some((tag) => tag === etag || tag === "*");

/** Answers with a file: nothing when the caller has it already, else compressed where that is understood. */
function sendAsset(
  { contentType, gzip, etag }: StaticAsset,
  headers: RequestMeta["headers"],
  cacheControl: string,
): RawReply {
  const common = {
    "content-type": contentType,
    "cache-control": cacheControl,
    vary: "accept-encoding",
    etag,
  };
  if (isCached(etag, headers["if-none-match"])) return { status: 304, headers: common, body: "" };
  if (acceptsGzip(headers["accept-encoding"]))
    return { headers: { ...common, "content-encoding": "gzip" }, body: gzip };
  return { headers: { ...common, etag: `W/${etag}` }, body: gunzipSync(gzip) };
}
