export * as Customers from "./api.ts";
export { sortedCustomers } from "./list.ts";
export { updateRenewal } from "./renewals.ts";
export { renewalsJob } from "./renewals-job.ts";
export { occurredAt, type TimelineEntry, timelineEntriesBetween } from "./timeline.ts";
