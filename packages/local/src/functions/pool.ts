import { randomUUID } from "node:crypto";
import { functionIn } from "../template/references.ts";
import type { Capacity } from "./capacity.ts";
import type { FunctionDefinition } from "./definition.ts";
import { type Instance, type InvocationResult, runtimeError, startInstance } from "./instance.ts";

/** A function with as many warm instances as its load asks for. */
export type Pool = {
  readonly definition: FunctionDefinition;
  /** Runs one event (JSON text); waits when all instances are busy and no more may start. Never rejects. */
  run(event: string, requestId?: string): Promise<InvocationResult>;
  stop(): Promise<void>;
};

type QueuedEvent = { event: string; requestId: string; settle: (result: InvocationResult) => void };

/**
 * How long an event waits for a busy instance before another one starts although memory is short: somebody may be busy
 * with waiting for just this event.
 */
const PATIENCE_MS = 1000;

/**
 * Scales like Lambda: an idle instance takes the event, else a new one starts. Unlike Lambda, which would
 * throttle, events beyond `maxInstances` wait in line: a laptop has few cores. While memory is short, a function that
 * has an instance gets no other one, unless an event waits for a second; and idle instances end, whoever was idle for
 * longest first.
 */
export function createPool(
  definition: FunctionDefinition,
  options: {
    readonly environment: Readonly<Record<string, string>>;
    readonly maxInstances: number;
    /** Shared by all functions. */
    readonly capacity: Capacity;
    readonly print: (text: string) => void;
    /** Of the clock that instances follow; the machine's when absent. */
    readonly clock?: SharedArrayBuffer | undefined;
  },
): Pool {
  const { capacity } = options;
  const all = new Set<Instance>();
  // The most recently used instance comes first: its caches are the warmest.
  const idle: Instance[] = [];
  const queue: QueuedEvent[] = [];
  let stopped = false;

  function remove(instance: Instance): void {
    all.delete(instance);
    capacity.remove(instance);
  }

  /** @param isUrgent memory is no reason to wait */
  function acquireInstance(isUrgent: boolean): Instance | undefined {
    for (let instance = idle.pop(); instance !== undefined; instance = idle.pop()) {
      capacity.busy(instance);
      if (!instance.isGone()) return instance;
      remove(instance);
    }
    if (all.size >= options.maxInstances) return undefined;
    if (all.size > 0 && !isUrgent && !capacity.hasRoom()) return undefined;
    const fresh = startInstance(definition, options.environment, options.print, options.clock);
    all.add(fresh);
    capacity.add(fresh);
    return fresh;
  }

  function release(instance: Instance): void {
    idle.push(instance);
    capacity.idle(instance, () => {
      idle.splice(idle.indexOf(instance), 1);
      all.delete(instance);
      void instance.stop();
    });
  }

  async function runEvents(instance: Instance, first: QueuedEvent): Promise<void> {
    let next: QueuedEvent | undefined = first;
    while (next !== undefined) {
      next.settle(await instance.run(next.event, next.requestId));
      if (instance.isGone()) {
        remove(instance);
        return serveQueue();
      }
      next = queue.shift();
    }
    release(instance);
  }

  /** After the loss of an instance the events in line need a fresh one. */
  function serveQueue(): void {
    const next = queue.shift();
    if (next !== undefined) start(next);
  }

  function start(event: QueuedEvent, isUrgent = false): void {
    const instance = stopped ? undefined : acquireInstance(isUrgent);
    if (instance !== undefined) void runEvents(instance, event);
    else if (stopped) event.settle(runtimeError("Runtime.Stopped", "the local cloud is stopping"));
    else wait(event, isUrgent);
  }

  function wait(event: QueuedEvent, isUrgent: boolean): void {
    if (isUrgent) return void queue.unshift(event);
    queue.push(event);
    if (all.size >= options.maxInstances) return;
    setTimeout(() => {
      const place = queue.indexOf(event);
      if (place < 0) return;
      queue.splice(place, 1);
      start(event, true);
    }, PATIENCE_MS).unref();
  }

  return {
    definition,
    run: (event, requestId = randomUUID()) => new Promise((settle) => start({ event, requestId, settle })),
    stop: async () => {
      stopped = true;
      for (const event of queue.splice(0)) start(event);
      await Promise.all([...all].map((instance) => instance.stop()));
    },
  };
}

/** All functions of the cloud. */
export type Registry = {
  readonly names: readonly string[];
  /**
   * By name, by ARN, or by partial ARN (`account:function:name`), each with or without a qualifier: `$LATEST`, or a
   * version or alias of the template. Each function has one version, so they all are the same.
   */
  find(nameOrArn: string): Pool | undefined;
};

export function createRegistry(pools: readonly Pool[]): Registry {
  const byName = new Map(pools.map((pool) => [pool.definition.name, pool]));
  return {
    names: [...byName.keys()].sort(),
    find: (nameOrArn) => {
      const { name, qualifier = "$LATEST" } = functionIn(nameOrArn);
      const pool = byName.get(name);
      return pool && ["$LATEST", ...pool.definition.qualifiers].includes(qualifier) ? pool : undefined;
    },
  };
}

/**
 * The one function whose name ends with the given path: `jobs/health` means `…-jobs-health`. A full name is
 * itself. Undefined when none or several fit.
 */
export function functionNamed(path: string, names: readonly string[]): string | undefined {
  if (names.includes(path)) return path;
  const ending = `-${path.replaceAll("/", "-")}`;
  const found = names.filter((name) => name.endsWith(ending));
  return found.length === 1 ? found[0] : undefined;
}
