import { applyChanges, echoProbes, FOLLOWED_ATTRIBUTES } from "@success-manager/domain/counters/stream";
import { createStreamHandler } from "@success-manager/lambda";

/**
 * What follows from changes of the table. `applyChanges` does what has to happen once for each record. Whatever comes to
 * the same however often it sees a record joins the list behind it, and what it reads joins the attributes.
 */
export const handler = createStreamHandler(async (changes) => {
  const failed = await applyChanges(changes);
  await echoProbes(changes);
  return failed;
}, FOLLOWED_ATTRIBUTES);
