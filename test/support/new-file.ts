import * as fc from "fast-check";
import { afterAll, vi } from "vitest";
import { rememberEnvironment } from "./environment.ts";
import { seedOf } from "./seed.ts";
import { MINUTE_MS, withDayLeft } from "./window.ts";

// Runs before each test file of a worker that runs many. The file finds nothing of those before: modules are loaded
// anew, so what they remember is gone, and so are changed variables and clocks.
vi.resetModules();
fc.configureGlobal({ seed: seedOf("PROPERTY_SEED") });
const restore = rememberEnvironment();
afterAll(() => {
  vi.useRealTimers();
  restore();
});
// Ample for all files but few, which say so.
await withDayLeft(5 * MINUTE_MS);
