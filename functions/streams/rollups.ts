import { audit } from "@success-manager/domain/audit/stream";
import {
  applyChanges,
  businessEvents,
  echoProbes,
  FOLLOWED_ATTRIBUTES,
  noteAttempt,
} from "@success-manager/domain/counters/stream";
import { changeLines, LISTED_ATTRIBUTES } from "@success-manager/domain/lists/stream";
import { createStreamHandler, metrics } from "@success-manager/lambda";

const attributes = [...new Set([...FOLLOWED_ATTRIBUTES, ...LISTED_ATTRIBUTES])];

/**
 * What follows from changes of the table. `audit` notes who has changed what. `applyChanges` does what has to happen once for each record, and takes along
 * what may happen more than once. What it reads joins the attributes.
 */
export const handler = createStreamHandler(
  async (changes) => {
    const failed = await applyChanges(changes, { beside: changeLines(changes) });
    await echoProbes(changes);
    for (const [name, count] of Object.entries(businessEvents(changes)))
      if (count > 0) metrics.addMetric(name, "Count", count);
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
    return [...failed, ...(await audit(changes))];
  },
  { attributes, noteAttempt },
);
