/** The steps that end what was started: run in reverse order, exactly once. */
export type Cleanup = {
  /** Aborted when the steps begin to run. */
  readonly signal: AbortSignal;
  /** Resolves with the reason, after all steps, when `fail` was what started them. */
  readonly failure: Promise<string>;
  /** Registers what undoes a step that has just been done. */
  add(step: () => void | Promise<void>): void;
  /** Runs all steps; calling it again returns the same promise. */
  run(): Promise<void>;
  fail(reason: string): void;
};

export function createCleanup(): Cleanup {
  const controller = new AbortController();
  const steps: (() => void | Promise<void>)[] = [];
  const { promise: failure, resolve: report } = Promise.withResolvers<string>();
  let running: Promise<void> | undefined;

  async function runAll(): Promise<void> {
    for (let step = steps.pop(); step !== undefined; step = steps.pop()) {
      // One part that can't be ended must not keep the others alive.
      await Promise.resolve(step()).catch(() => undefined);
    }
  }
  function run(): Promise<void> {
    controller.abort();
    running ??= runAll();
    return running;
  }
  return {
    signal: controller.signal,
    failure,
    add: (step) => steps.push(step),
    run,
    fail: (reason) => void run().then(() => report(reason)),
  };
}
