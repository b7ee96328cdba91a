import { applyChanges, echoProbes } from "@success-manager/domain/counters/stream";
import { noteChanges } from "@success-manager/domain/lists/stream";
import { createStreamHandler } from "@success-manager/lambda";

/** Counts what changed in the table, and tells copies of lists which rows did. */
export const handler = createStreamHandler(async (changes) => {
  const [failed] = await Promise.all([applyChanges(changes), noteChanges(changes)]);
  await echoProbes(changes);
  return failed;
});
