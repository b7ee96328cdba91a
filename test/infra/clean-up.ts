import { afterAll } from "vitest";
import { removeFolders } from "./synthesized.ts";

// What these bundle is too much for a folder in memory.
process.env.TMPDIR = process.env.TMPDIR_ON_DISK;

// Runs before each test file of a worker, in which `synthesized.ts` is loaded but once.
afterAll(removeFolders);
