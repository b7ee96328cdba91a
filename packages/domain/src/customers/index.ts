export * as Customers from "./api.ts";
export { sortedCustomers } from "./list.ts";
export { type TimelineEntry, timelineEntriesBetween } from "./timeline.ts";
