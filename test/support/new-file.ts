import { afterAll, vi } from "vitest";
import { rememberEnvironment } from "./environment.ts";

// Runs before each test file of a worker that runs many. The file finds nothing of those before: modules are loaded
// anew, so what they remember is gone, and so are changed variables and clocks.
vi.resetModules();
const restore = rememberEnvironment();
afterAll(() => {
  vi.useRealTimers();
  restore();
});
