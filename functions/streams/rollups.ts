import { applyChanges } from "@success-manager/domain/counters/stream";
import { stream } from "@success-manager/lambda";

/** Counts what changed in the table. */
export const handler = stream((changes) => applyChanges(changes));
