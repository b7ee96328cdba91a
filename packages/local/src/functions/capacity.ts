import { type Instance, NEW_INSTANCE_MB } from "./instance.ts";

/** How much memory the instances of all functions may take together, in MB. */
export type CapacityLimits = {
  /** More than this only as long as it takes: who has been idle for `idleMs` is ended. */
  readonly usualMb: number;
  /** More than this only with instances that are busy: who is idle is ended at once. */
  readonly mostMb: number;
  readonly idleMs: number;
};

/**
 * What a machine on which somebody works can spare. A cold start takes 0.1 to 0.6 s: with the demo's customers, all
 * functions that one person uses fit in; with 10 000 about seven of them do.
 */
export const CAPACITY: CapacityLimits = { usualMb: 320, mostMb: 560, idleMs: 5_000 };

/** For those who measure or want to meet many instances at once: all stay. */
export const UNLIMITED: CapacityLimits = {
  usualMb: Number.POSITIVE_INFINITY,
  mostMb: Number.POSITIVE_INFINITY,
  idleMs: 0,
};

/** The instances of all functions, and which of them wait for events. */
export type Capacity = {
  /** Whether one more fits in without the end of another. */
  hasRoom(): boolean;
  /** Counts an instance that has just been started. Idle ones end for it where that is necessary. */
  add(instance: Instance): void;
  /** No longer counts it. */
  remove(instance: Instance): void;
  /** The instance waits for events; `end` is called when it has to make room. */
  idle(instance: Instance, end: () => void): void;
  /** It has got one. */
  busy(instance: Instance): void;
};

export function createCapacity({ usualMb, mostMb, idleMs }: CapacityLimits): Capacity {
  const all = new Set<Instance>();
  /** Who has been idle for longest comes first. */
  const waiting = new Map<Instance, { readonly since: number; readonly end: () => void }>();
  let timer: NodeJS.Timeout | undefined;

  const totalMb = () => {
    let total = 0;
    for (const instance of all) total += instance.memoryMb();
    return total;
  };

  const remove = (instance: Instance) => {
    all.delete(instance);
    waiting.delete(instance);
  };

  function trim(): void {
    let total = totalMb();
    for (const [instance, { since, end }] of waiting) {
      const isLate = performance.now() - since >= idleMs;
      if (total <= (isLate ? usualMb : mostMb)) break;
      total -= instance.memoryMb();
      remove(instance);
      end();
    }
    if (total > usualMb && waiting.size > 0) trimLater();
  }

  /** For when nobody calls any more. */
  function trimLater(): void {
    timer ??= setTimeout(() => {
      timer = undefined;
      trim();
    }, idleMs).unref();
  }

  return {
    hasRoom: () => totalMb() + NEW_INSTANCE_MB <= mostMb,
    add(instance) {
      all.add(instance);
      trim();
    },
    remove,
    idle(instance, end) {
      waiting.set(instance, { since: performance.now(), end });
      trim();
    },
    busy: (instance) => void waiting.delete(instance),
  };
}
