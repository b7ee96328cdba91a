// @ts-check
// A clock that says another time than the machine's and goes as fast as it. Whoever asks for the time sees it; timers,
// `performance` and `process.hrtime` stay the machine's. Instances share it through memory, so all are told at once.

const RealDate = Date;

/**
 * A clock for all instances of a cloud.
 *
 * @param {Date} start
 */
export function createVirtualClock(start) {
  const memory = new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT);
  // Behind the machine's clock, in milliseconds.
  const shift = new Float64Array(memory);
  shift[0] = start.getTime() - RealDate.now();
  const now = () => new RealDate(RealDate.now() + (shift[0] ?? 0));
  return {
    /** For the settings of an instance. */
    memory,
    now,
    /**
     * Puts it forward. Time that went back would find leases, tokens and marks of the future.
     *
     * @param {Date} instant
     */
    set(instant) {
      const before = now();
      if (Number.isNaN(instant.getTime()) || instant < before)
        throw new Error(`the clock stands at ${before.toISOString()} and can't go back`);
      shift[0] = instant.getTime() - RealDate.now();
    },
  };
}

/**
 * Makes a thread's `Date` follow a clock.
 *
 * @param {SharedArrayBuffer} memory
 */
export function followVirtualClock(memory) {
  const shift = new Float64Array(memory);
  const now = () => RealDate.now() + (shift[0] ?? 0);
  const VirtualDate = /** @type {DateConstructor} */ (
    new Proxy(RealDate, {
      construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
      apply: () => new RealDate(now()).toString(),
      get: (target, name) => (name === "now" ? now : Reflect.get(target, name)),
    })
  );
  // Also of dates that are there: `new date.constructor()`.
  Object.defineProperty(RealDate.prototype, "constructor", { value: VirtualDate });
  globalThis.Date = VirtualDate;
}
