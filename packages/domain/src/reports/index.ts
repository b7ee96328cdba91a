/** Reports that were asked for, by people and by schedules. */
export * as Reports from "./api.ts";
export { scheduledReports } from "./job.ts";
/** For people who get reports by mail and hold nothing but its links. */
export { mailedFileUrl } from "./links.ts";
export { initialRun } from "./schedule-times.ts";
export * as Schedules from "./schedules.ts";
export { getSubscription, type SubscriptionStatus, unsubscribe } from "./unsubscribe.ts";
