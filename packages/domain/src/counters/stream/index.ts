export { applyChanges, type Change, type FailedRecord } from "./apply.ts";
