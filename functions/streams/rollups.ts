import { project } from "@success-manager/domain/counters/projection";
import { stream } from "@success-manager/lambda";

/** Counts what changed in the table. */
export const handler = stream((changes) => project(changes));
