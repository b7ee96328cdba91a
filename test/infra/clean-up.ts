import { afterAll } from "vitest";
import { removeFolders } from "./synthesized.ts";

// Runs before each test file of a worker, in which `synthesized.ts` is loaded but once.
afterAll(removeFolders);
