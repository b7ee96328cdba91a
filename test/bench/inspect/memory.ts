import * as z from "zod";
import { functionOf, workersOf } from "./workers.ts";

const MB = 1024 * 1024;
const Usage = z.object({ usedSize: z.number(), backingStorageSize: z.number().default(0) });

/** What an instance of a function keeps in memory. */
export interface Kept {
  readonly function: string;
  /** Of its heap and its buffers, garbage collected before. */
  readonly mb: number;
}

export interface Memory {
  readonly functions: readonly Kept[];
  /** Resident memory of the whole process: gateway and all functions. */
  readonly processMb: number;
}

/** What the functions of this process keep in memory now. */
export async function memory(): Promise<Memory> {
  const { rss } = process.memoryUsage();
  const workers = await workersOf(async () => undefined);
  const functions: Kept[] = [];
  for (const worker of workers.all()) {
    await worker.send("HeapProfiler.collectGarbage");
    const { usedSize, backingStorageSize } = Usage.parse(await worker.send("Runtime.getHeapUsage"));
    functions.push({ function: await functionOf(worker), mb: (usedSize + backingStorageSize) / MB });
  }
  await workers.close();
  return { functions, processMb: rss / MB };
}
