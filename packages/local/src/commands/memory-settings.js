// @ts-check
// Loaded before `start.ts` (`node --import`): what a process has to know before it does anything. JavaScript, because
// Node loads a compiler for TypeScript, 21 MB that stay, unless what it makes is in the cache that is opened here.
import { enableCompileCache } from "node:module";

/**
 * glibc reads these once, when a process starts. By itself it gives each thread a heap, 100 MB after ten functions, and
 * takes large pieces from it too, which keep it from ever shrinking: it is to be one heap, without pieces from 128 KB on.
 */
const MALLOC = {
  MALLOC_ARENA_MAX: "1",
  MALLOC_MMAP_THRESHOLD_: "131072",
  MALLOC_TRIM_THRESHOLD_: "131072",
};

// The process starts anew with its number and its terminal. Where Node can't do this, all works with more memory.
if (process.platform === "linux" && process.env.MALLOC_ARENA_MAX === undefined)
  process.execve?.(process.execPath, [process.execPath, ...process.execArgv, ...process.argv.slice(1)], {
    ...process.env,
    ...MALLOC,
  });
enableCompileCache();
