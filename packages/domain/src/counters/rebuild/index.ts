export type { Drift } from "./drift.ts";
export { type Rebuild, rebuild } from "./rebuild.ts";
