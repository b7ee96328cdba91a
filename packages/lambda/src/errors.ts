import { Problem, unavailable } from "@success-manager/contract/problem";
import type { HttpResult, Middleware } from "./context.ts";
import { Replayed } from "./idempotency.ts";
import { logger, metrics } from "./telemetry.ts";

/** Failures of a dependency that go by themselves; the SDK has already retried them. */
const RETRYABLE = new Set([
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "InternalServerError",
  "ServiceUnavailable",
  "TransactionConflictException",
  "TransactionInProgressException",
  "TimeoutError",
  "NetworkingError",
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
]);

/** An error and everything that caused it, outermost first. */
function* causes(error: unknown): Generator<Error & { code?: unknown }> {
  for (let e = error; e instanceof Error; e = e.cause) yield e;
}

/** A failure that no use case expects: 503 when trying again helps, else 500. Details go to the log only. */
function toProblem(error: unknown): Problem {
  for (const { name, code } of causes(error)) {
    if (RETRYABLE.has(name) || RETRYABLE.has(String(code)))
      return unavailable(
        2,
        "A part that is needed for this is not reachable right now. Try again in a moment.",
      );
  }
  return new Problem(500, "Something went wrong on our side. It has been logged; try again later.");
}

const toResult = ({ status, message, errors, headers }: Problem): HttpResult => ({
  statusCode: status,
  headers: { "content-type": "application/json", ...headers },
  body: JSON.stringify({ detail: message, ...(errors && { errors }) }),
});

/** Every failure becomes the one error shape: `{detail}`, on 422 with `errors`. What was answered before is no failure. */
export const errors = (): Middleware => ({
  onError: (request) => {
    const { error } = request;
    if (error instanceof Replayed) {
      request.response = error.result;
      return;
    }
    const problem = [...causes(error)].find((e) => e instanceof Problem) ?? toProblem(error);
    if (problem.status >= 500) {
      logger.error("request failed", { error, route: request.event.routeKey });
      metrics.addMetric("RequestFailed", "Count", 1);
    }
    request.response = toResult(problem);
  },
});
