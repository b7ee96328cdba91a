export { getDirectory } from "./current.ts";
export type { Directory } from "./directory.ts";
export { paginate } from "./page.ts";
export type { CustomerRow, DeploymentRow } from "./rows.ts";
export type { SortedView } from "./sorted.ts";
export type { InvalidRow } from "./unreadable.ts";
