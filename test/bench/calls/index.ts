import type { Calls } from "./call.ts";
import { READS } from "./reads.ts";
import { WRITES } from "./writes.ts";

/** All calls that are measured; those that write come behind those that read what is there. */
export const CALLS: Calls = { ...READS, ...WRITES };
export type { Call, Sent } from "./call.ts";
export { REFERENCE } from "./reference.ts";
