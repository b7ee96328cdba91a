/** What the API offers. */
export { bulkResolve } from "./bulk.ts";
export { create, get, resolve, snooze, update } from "./by-people.ts";
export { dashboard, stats } from "./figures.ts";
export { list } from "./list.ts";
export { byCustomer } from "./of-customer.ts";
export { runChecks } from "./run-checks.ts";
