import * as z from "zod";
import { functionOf, type Inspected, workersOf } from "./workers.ts";

/** Microseconds of processor time, as `process.threadCpuUsage` tells them. */
const Usage = z.object({ user: z.number(), system: z.number() });
const Evaluated = z.object({ result: z.object({ value: z.string() }) });
const EXPRESSION = "JSON.stringify(process.threadCpuUsage())";

/** A node of V8's tree of sampled allocations. */
interface Allocating {
  readonly selfSize: number;
  readonly children: readonly Allocating[];
}
const Sampled = z.object({ profile: z.object({ head: z.custom<Allocating>() }) });

/** From one sample to the next, in bytes on average: some hundred samples in a hundred calls. */
const SAMPLED_EVERY = 16 * 1024;

/** What threads of this process did from one moment to another; functions by name, all instances together. */
export interface Work {
  /** Milliseconds of processor time. */
  readonly functions: Readonly<Record<string, number>>;
  /** Of this thread: the gateway, and what hands over the stream. */
  readonly gateway: number;
  /** Of all other threads: V8's collecting and compiling, files, look-ups. */
  readonly others: number;
}

const msOf = ({ user, system }: z.infer<typeof Usage>) => (user + system) / 1000;
const usageOf = async (worker: Inspected) =>
  msOf(
    Usage.parse(
      JSON.parse(
        Evaluated.parse(await worker.send("Runtime.evaluate", { expression: EXPRESSION })).result.value,
      ),
    ),
  );

const bytesOf = ({ selfSize, children }: Allocating): number =>
  children.reduce((sum, child) => sum + bytesOf(child), selfSize);

/** Watches what the functions of this process cost, those that start later included. */
export async function watchWork() {
  const workers = await workersOf(async () => undefined);
  const names = new Map<Inspected, string>();
  const nameOf = async (worker: Inspected) => {
    const known = names.get(worker) ?? (await functionOf(worker));
    names.set(worker, known);
    return known;
  };
  let last = { workers: new Map<Inspected, number>(), gateway: 0, process: 0 };

  return {
    /** What was done since this was asked the last time. */
    async take(): Promise<Work> {
      const now = { workers: new Map<Inspected, number>(), gateway: 0, process: 0 };
      const functions: Record<string, number> = {};
      for (const worker of workers.all()) {
        const ms = await usageOf(worker);
        now.workers.set(worker, ms);
        const name = await nameOf(worker);
        functions[name] = (functions[name] ?? 0) + ms - (last.workers.get(worker) ?? 0);
      }
      now.gateway = msOf(process.threadCpuUsage());
      now.process = msOf(process.cpuUsage());
      const gateway = now.gateway - last.gateway;
      const all = Object.values(functions).reduce((sum, ms) => sum + ms, gateway);
      const others = Math.max(0, now.process - last.process - all);
      last = now;
      return { functions, gateway, others };
    },

    /** Starts to sample what functions allocate; that itself costs time. */
    async allocating(): Promise<boolean> {
      for (const worker of workers.all())
        await worker.send("HeapProfiler.startSampling", {
          samplingInterval: SAMPLED_EVERY,
          includeObjectsCollectedByMajorGC: true,
          includeObjectsCollectedByMinorGC: true,
        });
      return true;
    },

    /** Ends that. Answers the bytes that each function allocated meanwhile, whether they are still needed or not. */
    async allocated(): Promise<Record<string, number>> {
      const functions: Record<string, number> = {};
      for (const worker of workers.all()) {
        // One that began only now has none.
        const answer = await worker.send("HeapProfiler.stopSampling").catch(() => undefined);
        if (answer === undefined) continue;
        const name = await nameOf(worker);
        functions[name] = (functions[name] ?? 0) + bytesOf(Sampled.parse(answer).profile.head);
      }
      return functions;
    },
  };
}
