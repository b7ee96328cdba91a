import { applyChanges } from "@success-manager/domain/counters/stream";
import { createStreamHandler } from "@success-manager/lambda";

/** Counts what changed in the table. */
export const handler = createStreamHandler((changes) => applyChanges(changes));
