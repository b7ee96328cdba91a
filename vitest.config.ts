import { defineConfig, type TestProjectInlineConfiguration } from "vitest/config";

type Options = NonNullable<TestProjectInlineConfiguration["test"]>;

/** No limit is there to be reached: a machine may be ten times slower than the one that these tests were written on. */
const project = (name: string, include: string[], options: Options = {}): TestProjectInlineConfiguration => ({
  test: {
    name,
    include,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // What a test waits for by polling.
    expect: { poll: { timeout: 60_000, interval: 50 } },
    ...options,
  },
});

/**
 * A worker that is not isolated keeps libraries, servers and browser from one test file to the next. That a file
 * meets nothing else of those before it is the task of these set-ups.
 */
const reused = (...setupFiles: string[]): Options => ({
  isolate: false,
  setupFiles: ["test/support/new-file.ts", ...setupFiles],
});

export default defineConfig({
  test: {
    // One more than cores: while one waits, for streams or for retries, the others are at work.
    maxWorkers: 3,
    // A heap that begins small is collected again and again while modules load: a fifth of the CPU of all tests, above
    // all where functions have cold starts.
    execArgv: ["--min-semi-space-size=16", "--initial-old-space-size=256"],
    globalSetup: ["test/support/global-setup.ts"],
    projects: [
      project("unit", ["packages/!(local)/src/**/*.test.ts", "test/{house,bench}/**/*.test.ts"], {
        ...reused(),
        exclude: ["test/bench/fill/**"],
      }),
      project("local", ["packages/local/src/**/*.test.ts"], reused()),
      // They change nothing that others see.
      project("infra", ["test/infra/**/*.test.ts"], {
        isolate: false,
        setupFiles: ["test/infra/clean-up.ts"],
      }),
      project(
        "http",
        ["test/{http,faults}/**/*.test.ts", "test/bench/fill/**/*.test.ts"],
        reused("test/support/after-clouds.ts"),
      ),
      project(
        "browser",
        ["test/browser/**/*.test.ts"],
        reused("test/support/after-clouds.ts", "test/browser/close-pages.ts"),
      ),
    ],
  },
});
