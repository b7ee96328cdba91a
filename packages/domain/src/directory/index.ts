export { type Directory, getDirectory } from "./directory.ts";
export { nameForm } from "./people.ts";
export { type CustomerRow, type DeploymentRow, overallScoreAt, scoreAt } from "./rows.ts";
export { readSnapshot, refreshed, SNAPSHOTTED, snapshotFeed, withSnapshot } from "./snapshot/read.ts";
export { type SnapshotResult, takeSnapshot } from "./snapshot/write.ts";
export { type Column, type Order, paginate, type SortedView, sortedView, textColumn } from "./sorted.ts";
export { createSync, type Feed } from "./sync.ts";
export type { InvalidRow } from "./validate.ts";
export {
  bindDirectory,
  type Viewer,
  type Visibility,
  type VisibleBy,
  visibilityOf,
  visibilityOfKey,
  visibleDirectory,
  wholeDirectory,
} from "./visibility.ts";
