import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import { unauthorized } from "@success-manager/contract/problem";
import { createServe, type HttpHandler, type Idempotency } from "@success-manager/lambda";

const nobody = () => Promise.reject(unauthorized("Nobody signs in here."));

/** Serves a group that is open to everybody: there is nobody to find behind a token. */
export const serve = createServe(nobody);

/** The same, for calls that may carry an `Idempotency-Key`. */
export const serveRemembering = <Read>(remembered: Idempotency<Read>) =>
  createServe<Read>(nobody, undefined, { remembered });

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
