export { current } from "./current.ts";
export type { CustomerRow, DeploymentRow, Directory } from "./directory.ts";
export { pageOf } from "./page.ts";
export type { SortedView } from "./sorted.ts";
