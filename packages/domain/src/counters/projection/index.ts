export type { Change } from "./change.ts";
export { type Poison, project } from "./project.ts";
