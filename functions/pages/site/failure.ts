import type { RawReply } from "@success-manager/contract/dsl/endpoint";
import type { HttpHandler } from "@success-manager/lambda";

export interface Failure {
  readonly status: number;
  /** Seconds until the same may work, where that is known. */
  readonly retryAfter: string | undefined;
  /** What failed. */
  readonly event: Parameters<HttpHandler>[0];
}

/** Failures are answered in JSON, for programs; here people read them, so they become pages. */
export const failuresAsPages =
  (pageOf: (failure: Failure) => Promise<RawReply>) =>
  (handler: HttpHandler): HttpHandler =>
  async (event, context) => {
    const answer = await handler(event, context);
    const { statusCode: status = 500, headers = {} } = answer;
    if (headers["content-type"] !== "application/json") return answer;
    const page = await pageOf({ status, event, retryAfter: headers["retry-after"]?.toString() });
    const body = event.requestContext.http.method === "HEAD" ? "" : String(page.body);
    return { ...answer, headers: { ...headers, ...page.headers }, body };
  };
