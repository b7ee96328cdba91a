export { type Claim, ClaimRefused, setClaim, withClaims } from "./claim.ts";
export { dynamo, table, tableName } from "./client.ts";
export { compares, contains, either, exists, missing, oneOf, passes, testsOf } from "./conditions.ts";
export {
  formatCursor,
  type Position,
  parseCursor,
  parseDateCursor,
  parseInstantCursor,
} from "./cursor.ts";
export * from "./entities/index.ts";
export {
  DIRECTORY,
  directoryKey,
  KEY_ATTRIBUTES,
  type Partition,
  partitions,
  primaryKey,
  rateLimitKey,
  SHARDED,
  SHARDS,
  type ShardedPartition,
  STORAGE_ATTRIBUTES,
  shardKey,
  shardOf,
} from "./keys.ts";
export { hasObjects, invokeInBackground, readObject, type StoredObject, writeObject } from "./objects.ts";
export {
  type AttributeTest,
  batchGet,
  batchGetItems,
  countItems,
  ENTITY_NAME,
  equals,
  expressionOf,
  type Filter,
  type FoundOf,
  find,
  type GetRequest,
  type GetRequests,
  getOrThrow,
  getRequest,
  MAX_KEY,
  MIN_KEY,
  NOT_EXISTS,
  type Query,
  type QueryPage,
  type QueryPaging,
  query,
  queryAll,
} from "./read.ts";
export { RETRY, sleepWithJitter, withOptimisticRetry } from "./retry.ts";
export {
  type AnyEntity,
  type Cursor,
  type Range,
  type Rewrite,
  readRange,
  readStored,
  rewriteOf,
  type StoredItem,
  type StoredPage,
  writeRewrite,
} from "./rewrite.ts";
export {
  inShard,
  MIN_SPREAD_ROWS,
  openShards,
  openShardsWhenBusy,
  openUntil,
  queryEverywhere,
  queryPlaces,
  SHARDS_MIGRATION,
} from "./shards.ts";
export { takeUnits } from "./units.ts";
export {
  chunkByWrites,
  commit,
  commitAll,
  commitIndependent,
  commitOne,
  commitPatiently,
  conditionCheck,
  conditionFailed,
  consistency,
  createPace,
  deleteItem,
  MAX_TRANSACTION_ITEMS,
  omitNull,
  onWritten,
  put,
  putItem,
  splitChanges,
  takeNumber,
  updateItem,
  type Write,
} from "./write.ts";
