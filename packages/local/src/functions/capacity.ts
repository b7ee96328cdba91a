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
export const CAPACITY: CapacityLimits = { usualMb: 320, mostMb: 720, idleMs: 5_000 };

/** For those who measure or want to meet many instances at once: all stay. */
export const UNLIMITED: CapacityLimits = {
  usualMb: Number.POSITIVE_INFINITY,
  mostMb: Number.POSITIVE_INFINITY,
  idleMs: 0,
};

/** The instances of all functions, and which of them wait for events. */
export type Capacity = {
  /** Whether one more fits in that is not needed: its function has another. */
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

type Waiting = { readonly since: number; readonly end: () => void; hasCollected: boolean };

export function createCapacity({ usualMb, mostMb, idleMs }: CapacityLimits): Capacity {
  const all = new Set<Instance>();
  /** Who has been idle for longest comes first. */
  const waiting = new Map<Instance, Waiting>();
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
  const isLate = ({ since }: Waiting) => performance.now() - since >= idleMs;

  /** Ends idle instances until the others fit in. One that is late has thrown away before what it could. */
  function trim(): void {
    let total = totalMb();
    for (const [instance, state] of waiting) {
      if (total <= (state.hasCollected && isLate(state) ? usualMb : mostMb)) break;
      total -= instance.memoryMb();
      remove(instance);
      state.end();
    }
  }

  /** For when nobody calls any more. */
  function lookLater(): void {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      trim();
      for (const [instance, state] of waiting) {
        if (state.hasCollected || !isLate(state)) continue;
        state.hasCollected = true;
        instance.collectGarbage();
      }
      if (totalMb() > usualMb || [...waiting.values()].some((state) => !state.hasCollected)) lookLater();
    }, idleMs / 2).unref();
  }

  return {
    hasRoom: () => totalMb() + NEW_INSTANCE_MB <= usualMb,
    add(instance) {
      all.add(instance);
      trim();
    },
    remove,
    idle(instance, end) {
      waiting.set(instance, { since: performance.now(), end, hasCollected: false });
      trim();
      if (Number.isFinite(usualMb)) lookLater();
    },
    busy: (instance) => void waiting.delete(instance),
  };
}
