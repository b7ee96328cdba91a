import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireDynoxide } from "@success-manager/local";
import type { TestProject } from "vitest/node";
import { prepareBrowser } from "./browser.ts";
import { createScratch } from "./scratch.ts";
import { synthesize } from "./synthesize.ts";

/**
 * Runs once before all tests; answers what cleans up after them. Workers inherit the environment: their temporary
 * files go to a folder that is gone after the run whatever happens to a worker, and code that one of them has
 * compiled is not compiled again by the next.
 */
export async function setup({ vitest }: TestProject): Promise<() => void> {
  const onDisk = createScratch(tmpdir());
  const { folder, remove } = createScratch();
  process.env.TMPDIR = folder;
  process.env.TMPDIR_ON_DISK = onDisk.folder;
  process.env.NODE_COMPILE_CACHE = join(folder, "compile-cache");
  const projects = vitest.projects.map(({ name }) => name);
  // Before the workers start, so that what it says is seen.
  if (projects.some((name) => name !== "unit" && name !== "infra"))
    await requireDynoxide({ log: console.log });
  if (projects.some((name) => ["infra", "http", "browser"].includes(name))) await synthesize();
  if (projects.includes("browser")) await prepareBrowser();
  return () => {
    remove();
    onDisk.remove();
  };
}
