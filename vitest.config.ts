import { tmpdir } from "node:os";
import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

type Options = NonNullable<TestProjectInlineConfiguration["test"]>;

/** No limit is there to be reached: a machine may be ten times slower than the one that these tests were written on. */
const project = (name: string, include: string[], options: Options = {}): TestProjectInlineConfiguration => ({
  test: {
    name,
    include,
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // What a test waits for by polling.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    ...options,
  },
});

/** A worker keeps its servers and the libraries from one file to the next, and its browser; nothing else. */
const NEW_FILE = "test/support/new-file.ts";

export default defineConfig({
  test: {
    // A worker is busy in several threads and processes; more at once than cores would only slow each other down.
    maxWorkers: 2,
    globalSetup: ["test/support/global-setup.ts"],
    projects: [
      project("unit", ["packages/*/src/**/*.test.ts", "test/{house,bench}/**/*.test.ts"], {
        exclude: ["test/bench/fill/**"],
      }),
      // These change nothing that others see. What they bundle is too much for a folder in memory.
      project("infra", ["test/infra/**/*.test.ts"], {
        isolate: false,
        setupFiles: ["test/infra/clean-up.ts"],
        env: { TMPDIR: tmpdir() },
      }),
      project("http", ["test/{http,faults}/**/*.test.ts", "test/bench/fill/**/*.test.ts"], {
        isolate: false,
        setupFiles: [NEW_FILE],
      }),
      project("browser", ["test/browser/**/*.test.ts"], {
        isolate: false,
        setupFiles: [NEW_FILE, "test/browser/close-pages.ts"],
      }),
    ],
  },
});
