import type { HttpEvent, HttpResult, Middleware } from "./context.ts";

/** OWASP REST security cheat sheet; pages bring their own, wider content policy. */
const SECURITY_HEADERS = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "referrer-policy": "no-referrer",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
};

function addHeaders(event: HttpEvent, response: HttpResult | null | undefined): void {
  if (!response) return;
  response.headers = {
    ...SECURITY_HEADERS,
    "x-request-id": event.requestContext.requestId,
    ...response.headers,
  };
  if (event.requestContext.http.method === "HEAD") {
    response.body = "";
    response.isBase64Encoded = false;
  }
}

/** Security headers and the request id on every answer, failures included; no body for HEAD. */
export const headers = (): Middleware => ({
  after: ({ event, response }) => addHeaders(event, response),
  onError: ({ event, response }) => addHeaders(event, response),
});
