import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { functionOf, type Inspected, workersOf } from "./workers.ts";

/** Calls take milliseconds; finer than this, and taking samples would be what is seen. */
const SAMPLED_EVERY_US = 250;

/** A CPU profile of an instance of a function. */
export interface Taken {
  readonly function: string;
  /** The profile, as V8 gives it. */
  readonly file: string;
}

async function begin(worker: Inspected): Promise<void> {
  await worker.send("Profiler.enable");
  await worker.send("Profiler.setSamplingInterval", { interval: SAMPLED_EVERY_US });
  await worker.send("Profiler.start");
}

/** Starts to profile all functions of this process, those whose first instance starts meanwhile included. */
export async function profiling() {
  const workers = await workersOf(begin);
  return {
    /** Ends it, and writes a profile of each instance into a folder. */
    async end(folder: string): Promise<Taken[]> {
      const taken: Taken[] = [];
      for (const [i, worker] of workers.all().entries()) {
        // One that began only now has none.
        const { profile } = await worker.send("Profiler.stop").catch(() => ({ profile: undefined }));
        if (profile === undefined) continue;
        const file = join(folder, `${i}.cpuprofile`);
        writeFileSync(file, JSON.stringify(profile));
        taken.push({ function: await functionOf(worker), file });
      }
      await workers.close();
      return taken;
    },
  };
}
