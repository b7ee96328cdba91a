import type { Middleware } from "./context.ts";
import { logger, metrics } from "./telemetry.ts";

/**
 * Gives every log line of a request its id, and flushes metrics at its end.
 * Successful requests are not logged here: the gateway's access log has them.
 */
export const logging = (): Middleware => {
  const flush = () => {
    // Publishing nothing would log a warning, once for each request.
    if (metrics.hasStoredMetrics()) metrics.publishStoredMetrics();
  };
  return {
    before: ({ event, context }) => {
      logger.begin(context, { request_id: event.requestContext.requestId, route: event.routeKey });
    },
    after: flush,
    onError: flush,
  };
};
