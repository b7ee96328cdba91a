import { type Instance, NEW_INSTANCE_MB } from "./instance.ts";

/** How much memory the instances of all functions may take together, in MB. */
export type CapacityLimits = {
  /** More than this for a while: who has been idle for `idleMs` is ended. */
  readonly usualMb: number;
  /** More than this only with instances that are busy: who is idle is ended at once. */
  readonly mostMb: number;
  /** After so long an idle instance throws away what it no longer needs, too. */
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

type Waiting = { readonly since: number; readonly end: () => void };

export function createCapacity({ usualMb, mostMb, idleMs }: CapacityLimits): Capacity {
  const all = new Set<Instance>();
  /** Who has been idle for longest comes first. */
  const waiting = new Map<Instance, Waiting>();
  /** When an instance has thrown away what it could. */
  const collected = new WeakMap<Instance, number>();
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
  const isPast = (time: number) => performance.now() - time >= idleMs;

  /** An end costs the next event a cold start, ten times what it costs to throw away what is no longer needed. */
  function collect(instances: readonly Instance[]): void {
    for (const instance of instances) collected.set(instance, performance.now());
    void Promise.all(instances.map((instance) => instance.collectGarbage())).then(endIdle);
  }

  /** Makes the instances fit in: idle ones throw away what they can; when that was not enough, they end. */
  function trim(): void {
    const growing = [...waiting.keys()].filter((instance) => isPast(collected.get(instance) ?? -idleMs));
    if (totalMb() > mostMb && growing.length > 0) collect(growing);
    else endIdle();
  }

  function endIdle(): void {
    let total = totalMb();
    for (const [instance, { since, end }] of waiting) {
      if (total <= (isPast(since) ? usualMb : mostMb)) break;
      total -= instance.memoryMb();
      remove(instance);
      end();
    }
  }

  /** For when nobody calls any more. */
  function lookLater(): void {
    if (timer !== undefined) return;
    timer = setTimeout(() => {
      timer = undefined;
      const uncollected = [...waiting].filter(
        ([instance, { since }]) => (collected.get(instance) ?? -1) < since,
      );
      const late = uncollected.filter(([, { since }]) => isPast(since));
      if (late.length > 0) collect(late.map(([instance]) => instance));
      else trim();
      if (uncollected.length > 0 || (waiting.size > 0 && totalMb() > usualMb)) lookLater();
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
      waiting.set(instance, { since: performance.now(), end });
      trim();
      if (Number.isFinite(usualMb)) lookLater();
    },
    busy: (instance) => void waiting.delete(instance),
  };
}
