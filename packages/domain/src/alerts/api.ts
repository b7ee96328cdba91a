/** What the endpoints of alerts do. */
export { bulkResolve } from "./bulk-resolve.ts";
export { create, resolve, snooze, update } from "./commands.ts";
export { dashboard, stats } from "./figures.ts";
export { runChecks } from "./job.ts";
export { byCustomer, get, list } from "./list.ts";
