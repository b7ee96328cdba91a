import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Packed, packed } from "./packed.ts";

/** The scripts, styles and pictures of the pages. */
export interface Assets {
  /** The file of this name; undefined when there is none. Names only, a path finds nothing. */
  find(name: string): Packed | undefined;
  /** The address of a file, different for each version of it, so that it can be kept for good. */
  href(name: string): string;
}

const SUFFIX = ".gz";

/**
 * Opens a folder of `<name>.gz` files. Its content at the start is all there will ever be: what is not
 * listed then can't be asked for. Each file is read once, when it is first wanted.
 */
export function assets(folder: string): Assets {
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
    find,
    href: (name) => {
      const version = find(name)?.etag.replaceAll('"', "");
      return `/docs/assets/${name}${version ? `?v=${version}` : ""}`;
    },
  };
}
