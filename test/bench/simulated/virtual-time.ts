/** Time that goes on only when nobody has anything left to do: a minute of a simulation takes as long as its work. */
export interface VirtualTime {
  readonly now: () => number;
  sleep(ms: number): Promise<void>;
  /** Lets everything happen up to a moment. */
  runUntil(moment: number): Promise<void>;
}

/** Lets all that is waiting for promises go on; timers of the real clock are not among them. */
const settle = () => new Promise<void>((resolve) => setImmediate(resolve));

export function virtualTime(start: number): VirtualTime {
  let now = start;
  /** By moment; moments in a heap of their own, soonest first. */
  const waiting = new Map<number, (() => void)[]>();
  const moments: number[] = [];

  const push = (moment: number) => {
    let n = moments.push(moment) - 1;
    while (n > 0) {
      const parent = (n - 1) >> 1;
      if ((moments[parent] ?? 0) <= moment) break;
      moments[n] = moments[parent] ?? 0;
      n = parent;
    }
    moments[n] = moment;
  };
  const pop = () => {
    const [first = 0] = moments;
    const last = moments.pop() ?? 0;
    if (moments.length === 0) return first;
    let n = 0;
    for (;;) {
      let child = 2 * n + 1;
      if (child >= moments.length) break;
      if (child + 1 < moments.length && (moments[child + 1] ?? 0) < (moments[child] ?? 0)) child += 1;
      if ((moments[child] ?? 0) >= last) break;
      moments[n] = moments[child] ?? 0;
      n = child;
    }
    moments[n] = last;
    return first;
  };

  return {
    now: () => now,
    sleep: (ms) =>
      new Promise((resolve) => {
        const moment = now + Math.max(0, Math.round(ms));
        const others = waiting.get(moment);
        if (others) return void others.push(resolve);
        waiting.set(moment, [resolve]);
        push(moment);
      }),
    async runUntil(end) {
      await settle();
      while (moments.length > 0 && (moments[0] ?? 0) <= end) {
        now = pop();
        const due = waiting.get(now) ?? [];
        waiting.delete(now);
        for (const resolve of due) resolve();
        await settle();
      }
      now = end;
    },
  };
}

/** Numbers from 0 to 1 that are always the same for a seed. */
export function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
