import { applyChanges, echoProbes } from "@success-manager/domain/counters/stream";
import { createStreamHandler } from "@success-manager/lambda";

/** Counts what changed in the table. */
export const handler = createStreamHandler(async (changes) => {
  const failed = await applyChanges(changes);
  await echoProbes(changes);
  return failed;
});
