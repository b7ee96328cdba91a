import type { Calls } from "./call.ts";
import { READS } from "./reads.ts";
import { WRITES } from "./writes.ts";

/** All calls that are measured; those that write come behind those that read what is there. */
export const CALLS: Calls = { ...READS, ...WRITES };

/** Those whose names contain a text. */
export const callsNamed = (text: string): Calls =>
  Object.fromEntries(Object.entries(CALLS).filter(([name]) => name.includes(text)));
export type { Call, Calls, Sent } from "./call.ts";
export { REFERENCE } from "./reference.ts";
