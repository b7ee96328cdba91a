export type { Drift } from "./rebuild.ts";
export { type Rebuild, rebuild } from "./rebuild.ts";
