import { applyChanges, echoProbes, FOLLOWED_ATTRIBUTES } from "@success-manager/domain/counters/stream";
import { LISTED_ATTRIBUTES, noteChanges } from "@success-manager/domain/lists/stream";
import { createStreamHandler } from "@success-manager/lambda";

const ATTRIBUTES = [...new Set([...FOLLOWED_ATTRIBUTES, ...LISTED_ATTRIBUTES])];

/**
 * What follows from changes of the table. `applyChanges` does what has to happen once for each record. Whatever comes to
 * the same however often it sees a record joins the list behind it, and what it reads joins the attributes.
 */
export const handler = createStreamHandler(async (changes) => {
  const [failed] = await Promise.all([applyChanges(changes), noteChanges(changes)]);
  await echoProbes(changes);
  return failed;
}, ATTRIBUTES);
