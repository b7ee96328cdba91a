/** Reports that were asked for, by people and by schedules. */
export * as Reports from "./api.ts";
export { scheduledReports } from "./job.ts";
/** For people who get reports by mail and hold nothing but its links. */
export { getSubscription, mailedFileUrl, type SubscriptionStatus, unsubscribe } from "./recipients.ts";
export { initialRun } from "./schedule-times.ts";
export * as Schedules from "./schedules.ts";
export { deleteFiles, fileUrl, storeFile } from "./storage.ts";
