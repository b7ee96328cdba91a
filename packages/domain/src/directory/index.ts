export { current } from "./current.ts";
export type { Directory } from "./directory.ts";
export { pageOf } from "./page.ts";
export type { CustomerRow, DeploymentRow } from "./rows.ts";
export type { SortedView } from "./sorted.ts";
export type { Unreadable } from "./unreadable.ts";
