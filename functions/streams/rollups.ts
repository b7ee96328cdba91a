import { applyChanges, echoProbes, keepRecentFeedback } from "@success-manager/domain/counters/stream";
import { createStreamHandler } from "@success-manager/lambda";

/**
 * What follows from changes of the table. What has to happen once for each record goes by `applyChanges`; whatever
 * comes to the same however often it sees a record joins the list behind it.
 */
export const handler = createStreamHandler(async (changes) => {
  const failed = await applyChanges(changes);
  await Promise.all([keepRecentFeedback(changes), echoProbes(changes)]);
  return failed;
});
