/** What the endpoints of alerts do. */
export { bulkResolve, bulkSnooze } from "./bulk.ts";
export { create, resolve, snooze, update } from "./commands.ts";
export { dashboard, stats } from "./figures.ts";

export { byCustomer, get, list, reads } from "./list.ts";
export { runChecks } from "./run-checks.ts";
