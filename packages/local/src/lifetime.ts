/** What was started and has to be ended, in reverse order, exactly once. */
export type Lifetime = {
  /** Aborted when the end begins. */
  readonly signal: AbortSignal;
  /** Resolves with the reason, after the end, when `fail` was what ended it. */
  readonly failure: Promise<string>;
  /** Registers what undoes a step that has just been done. */
  after(cleanup: () => void | Promise<void>): void;
  end(): Promise<void>;
  fail(reason: string): void;
};

export function createLifetime(): Lifetime {
  const controller = new AbortController();
  const cleanups: (() => void | Promise<void>)[] = [];
  let ended: Promise<void> | undefined;
  let report: (reason: string) => void = () => undefined;
  const failure = new Promise<string>((resolve) => {
    report = resolve;
  });

  async function runAll(): Promise<void> {
    for (let cleanup = cleanups.pop(); cleanup !== undefined; cleanup = cleanups.pop()) {
      // One part that can't be ended must not keep the others alive.
      await Promise.resolve(cleanup()).catch(() => undefined);
    }
  }
  function end(): Promise<void> {
    controller.abort();
    ended ??= runAll();
    return ended;
  }
  return {
    signal: controller.signal,
    failure,
    after: (cleanup) => cleanups.push(cleanup),
    end,
    fail: (reason) => void end().then(() => report(reason)),
  };
}
