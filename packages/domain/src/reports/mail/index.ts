/** For people who get reports by mail, and have nothing but its links. */
export { mailedFileUrl } from "../links.ts";
export { getSubscription, type SubscriptionStatus, unsubscribe } from "../unsubscribe.ts";
