export { batchGet, keyOf } from "./batch-get.ts";
export { changes, present } from "./changes.ts";
export { dynamo, table, tableName } from "./client.ts";
export { cursorOf, instantOf, type Position, positionOf } from "./cursor.ts";
export { byId, byTime, inDirectory, inHistory } from "./keys.ts";
export { CHANGED, optimistically } from "./optimistic.ts";
export { backOff, conditionFailed, transact } from "./transact.ts";
