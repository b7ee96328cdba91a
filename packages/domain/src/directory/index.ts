export { getDirectory } from "./current.ts";
export type { Directory } from "./directory.ts";
export { createSync, type Feed } from "./follow.ts";
export { paginate } from "./page.ts";
export type { CustomerRow, DeploymentRow } from "./rows.ts";
export { FOLLOWED as SNAPSHOTTED, snapshotFeed } from "./snapshot/followed.ts";
export { takeSnapshot } from "./snapshot/take.ts";
export { type SortedView, sortedView } from "./sorted.ts";
export type { InvalidRow } from "./unreadable.ts";
