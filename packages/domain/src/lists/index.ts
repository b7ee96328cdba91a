export { type CounterFilter, type Counts, countsFrom, customerCounters, partsMatch } from "./counts.ts";
export { defineList } from "./define-list.ts";
export { readPage, type ScanResult, scanRecent, scanRecentUntil, sortedPage } from "./page.ts";
export {
  after,
  type Entity,
  type IndexRange,
  type ListDefinition,
  readLatest,
  readRange,
  toRange,
} from "./range.ts";
export { customersNamed } from "./search.ts";
