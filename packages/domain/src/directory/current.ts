import { type Directory, directory } from "./directory.ts";
import { tableFeed } from "./feed.ts";

/** The container's copy. */
const copy = directory(tableFeed);

/** The directory as of now: one small query, or the whole load on a container's first request. */
export async function current(): Promise<Directory> {
  await copy.refresh();
  return copy;
}
