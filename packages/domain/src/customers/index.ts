export * as Customers from "./api.ts";
export { contractEndsWithin, isAtRisk, sortedCustomers } from "./list.ts";
export { type TimelineEntry, timelineEntriesBetween } from "./timeline.ts";
