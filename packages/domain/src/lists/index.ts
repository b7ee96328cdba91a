export { type CounterFilter, type Counts, countsFrom, customerCounters, partsMatch } from "./counts.ts";
export { type Entity, type ListDefinition, toRange } from "./definition.ts";
export { after, type IndexRange, readRange } from "./index-range.ts";
export { listRows } from "./list.ts";
export { readPage } from "./page.ts";
export { type ScanResult, scanRecent, scanRecentUntil, sortedPage } from "./scan-recent.ts";
export { customersNamed } from "./search.ts";
