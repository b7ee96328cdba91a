import { createHash } from "node:crypto";
import { extname } from "node:path";
import { gzipSync } from "node:zlib";

/** A file as it travels: compressed once, told apart from its other versions by its ETag. */
export interface Packed {
  readonly contentType: string;
  readonly gzip: Uint8Array;
  /** Strong, with its quotes. */
  readonly etag: string;
}

const TYPES: Readonly<Record<string, string>> = {
  ".css": "text/css; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".json": "application/json",
  ".png": "image/png",
  ".svg": "image/svg+xml",
};

/** 96 bits are far more than a handful of files need to differ. */
const ETAG_LENGTH = 16;

/** A file whose content is compressed already; its type follows from the name. */
export const packed = (name: string, gzip: Uint8Array): Packed => ({
  contentType: TYPES[extname(name)] ?? "application/octet-stream",
  gzip,
  etag: `"${createHash("sha256").update(gzip).digest("base64url").slice(0, ETAG_LENGTH)}"`,
});

/** A file that is made here. */
export const pack = (name: string, content: string): Packed => packed(name, gzipSync(content));
