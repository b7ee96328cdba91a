import { afterAll, vi } from "vitest";
import { rememberEnvironment } from "./environment.ts";
import { stopClouds } from "./servers.ts";

// Runs before each test file of a worker that runs many. The file finds nothing of those before: modules are loaded
// anew, so what the domain remembers is gone, and so are changed variables and clocks.
const restore = rememberEnvironment();
afterAll(async () => {
  vi.useRealTimers();
  await stopClouds();
  restore();
});
vi.resetModules();
