export { type Columns, createColumns, type SortColumn } from "./columns.ts";
export {
  type CopyQuery,
  countCopyBy,
  readCopyPage,
  readLatest,
  readPageOfCustomer,
  selectPage,
  takeListSnapshot,
} from "./copy.ts";
export { type CounterFilter, type Counts, countsFrom, customerCounters, partsMatch } from "./counts.ts";
export { defineList } from "./define-list.ts";
export { KEPT_ENTITIES, type KeptEntity, keptFields, toKeptRow } from "./kept.ts";
export { type ReadPage, readCheapPage, readPage, type ScanResult, scanRecentUntil } from "./page.ts";
export {
  after,
  type Entity,
  type IndexRange,
  type ListDefinition,
  readRange,
  toRange,
} from "./range.ts";
export { checkCopies } from "./rebuild/index.ts";
export { openScope, scopeOf, scopeOfOwner } from "./scope.ts";
export { byCustomerName, byField, byText, searchTests } from "./search.ts";
