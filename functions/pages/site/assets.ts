import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RawReply, RequestMeta } from "@success-manager/contract/dsl/endpoint";
import { notFound } from "@success-manager/contract/problem";
import { type Packed, packed } from "./packed.ts";
import { send } from "./send.ts";

/** The scripts, styles and pictures of the pages. */
export interface Assets {
  /** The address of a file, different for each version of it, so that it can be kept for good. */
  href(name: string): string;
  /** Sends the file of this name, to be kept for good. Throws 404 when there is none; a path finds nothing. */
  answer(name: string, headers: RequestMeta["headers"]): RawReply;
}

const SUFFIX = ".gz";

/**
 * Opens a folder of `<name>.gz` files, which are asked for at `address`. Its content at the start is all there
 * will ever be: what is not listed then can't be asked for. Each file is read once, when it is first wanted.
 */
export function assets(folder: string, address: string): Assets {
  const listed = existsSync(folder) ? readdirSync(folder) : [];
  const names = new Set(listed.filter((file) => file.endsWith(SUFFIX)).map((file) => file.slice(0, -3)));
  const opened = new Map<string, Packed>();

  const open = (name: string): Packed => {
    const file = opened.get(name) ?? packed(name, readFileSync(join(folder, name + SUFFIX)));
    opened.set(name, file);
    return file;
  };
  const find = (name: string) => (names.has(name) ? open(name) : undefined);

  return {
    href: (name) => {
      const version = find(name)?.etag.replaceAll('"', "");
      return `${address}/${name}${version ? `?v=${version}` : ""}`;
    },
    answer: (name, headers) => {
      const file = find(name);
      if (!file) throw notFound("File");
      return send(file, headers, "public, max-age=31536000, immutable");
    },
  };
}
