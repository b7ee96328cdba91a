import type { Calls } from "./call.ts";
import { READS } from "./reads.ts";
import { WRITES } from "./writes.ts";

/** All calls that are measured; those that write come behind those that read what is there. */
export const CALLS: Calls = { ...READS, ...WRITES };

/** Those whose names contain one of these texts, which commas separate. */
export const callsNamed = (texts: string): Calls =>
  Object.fromEntries(
    Object.entries(CALLS).filter(([name]) => texts.split(",").some((text) => name.includes(text))),
  );
export type { Call, Calls, Sent } from "./call.ts";
export { REFERENCE } from "./reference.ts";
