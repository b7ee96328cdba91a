export { batchGet, type Wanted } from "./batch-get.ts";
export { changes, present } from "./changes.ts";
export { dynamo, table, tableName } from "./client.ts";
export { cursorOf, instantOf, type Position, positionOf } from "./cursor.ts";
export { byId, byTime, inDirectory, inHistory, primaryKey } from "./keys.ts";
export { CHANGED, optimistically } from "./optimistic.ts";
export { queryPages } from "./query.ts";
export { backOff, conditionFailed, transact } from "./transact.ts";
