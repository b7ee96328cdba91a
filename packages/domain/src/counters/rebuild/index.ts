export { type Checkpoint, loadComparison, saveComparison } from "./checkpoint.ts";
export { recountSome } from "./read.ts";
export type { Comparison, Drift, Round } from "./rebuild.ts";
export { beginComparison, endRound, type Rebuild, rebuild } from "./rebuild.ts";
