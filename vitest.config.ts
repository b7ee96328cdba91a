import { defineConfig } from "vitest/config";

const project = (name: string, include: string[], testTimeout: number, isolate = true) => ({
  test: {
    name,
    include,
    testTimeout,
    isolate,
    hookTimeout: 90_000,
    globalSetup: ["test/support/synthesize.ts"],
  },
});

export default defineConfig({
  test: {
    // One cloud per file; more at once than cores would only slow each other down.
    maxWorkers: 2,
    projects: [
      project(
        "unit",
        ["packages/*/src/**/*.test.ts", "test/house/**/*.test.ts", "test/bench/**/*.test.ts"],
        20_000,
      ),
      // These change nothing that others see; loading the CDK for each file took half of their time.
      project("infra", ["test/infra/**/*.test.ts"], 60_000, false),
      project("http", ["test/http/**/*.test.ts", "test/faults/**/*.test.ts"], 30_000),
      project("browser", ["test/browser/**/*.test.ts"], 60_000),
    ],
  },
});
