import { project } from "@success-manager/domain/counters/projection";
import { createStreamHandler } from "@success-manager/lambda";

/** Counts what changed in the table. */
export const handler = createStreamHandler((changes) => project(changes));
