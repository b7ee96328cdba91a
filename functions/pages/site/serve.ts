import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { unauthorized } from "@success-manager/contract/problem";
import { createServe, type HttpHandler, type Idempotency, type RateLimit } from "@success-manager/lambda";

/**
 * Makes `serve` for groups that are open to everybody: there is nobody to find behind a token.
 *
 * @param takeLimits those that a request has met, where there are some (`rate-limit/`)
 * @param remembered what remembers calls that carry an `Idempotency-Key`
 */
export const openServe = <Read = never>(
  takeLimits?: () => ReadonlyMap<string, RateLimit>,
  remembered?: Idempotency<Read>,
) =>
  createServe<Read>(() => Promise.reject(unauthorized("Nobody signs in here.")), undefined, {
    ...(takeLimits && { takeLimits }),
    ...(remembered && { remembered }),
  });

export interface FailedRequest {
  readonly status: number;
  /** Seconds until the same may work, where that is known. */
  readonly retryAfter: string | undefined;
  /** What failed. */
  readonly event: Parameters<HttpHandler>[0];
}

/** The API answers errors as JSON; on these pages people read them, so they become pages. */
export const withErrorPages =
  (pageOf: (request: FailedRequest) => Promise<RawReply>) =>
  (handler: HttpHandler): HttpHandler =>
  async (event, context) => {
    const answer = await handler(event, context);
    const { statusCode: status = 500, headers = {} } = answer;
    if (headers["content-type"] !== "application/json") return answer;
    const page = await pageOf({ status, event, retryAfter: headers["retry-after"]?.toString() });
    const body = event.requestContext.http.method === "HEAD" ? "" : String(page.body);
    return { ...answer, headers: { ...headers, ...page.headers }, body };
  };
