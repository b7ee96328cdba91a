import { DIRECTORY } from "../table/index.ts";
import { type Directory, directory } from "./directory.ts";
import type { DirectoryItem } from "./feed.ts";
import { snapshotFeed } from "./snapshot/followed.ts";

/** The container's copy. */
const copy = directory(snapshotFeed<DirectoryItem>(DIRECTORY));

/** The directory as of now: one small query; on a container's first request all of it, from a snapshot if there is one. */
export async function getDirectory(): Promise<Directory> {
  await copy.refresh();
  return copy;
}
