import { expect, test } from "vitest";
import { type CallOptions, call } from "./fixture/call.ts";
import { BOOK_ID, libraryWith } from "./fixture/library.ts";

const books = "/api/v1/books";
const broken = () => Promise.reject(new Error("broken"));

const cases: readonly (readonly [number, string, string, CallOptions])[] = [
  [200, "GET", books, { as: "viewer" }],
  [200, "HEAD", `${books}/count`, {}],
  [200, "GET", `${books}/${BOOK_ID}/cover`, {}],
  [201, "POST", books, { as: "admin", body: { title: "Emma" } }],
  [401, "GET", books, {}],
  [403, "POST", books, { as: "viewer", body: {} }],
  [404, "GET", `${books}/a/b/c`, {}],
  [405, "DELETE", books, {}],
  [413, "POST", books, { as: "admin", body: { title: "x".repeat(2 ** 20) } }],
  [422, "POST", books, { as: "admin", body: {} }],
  [500, "PUT", `${books}/${BOOK_ID}`, { as: "admin", body: { title: "Emma" } }],
];

test.each(cases)(
  "a %i (%s %s) carries the security headers and the request's id",
  async (status, ...request) => {
    const answer = await call(libraryWith({ change: broken }), ...request);
    expect(answer.status).toBe(status);
    expect(answer.headers).toMatchObject({
      "cache-control": "no-store",
      "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
      "referrer-policy": "no-referrer",
      "strict-transport-security": "max-age=31536000; includeSubDomains",
      "x-content-type-options": "nosniff",
      "x-frame-options": "DENY",
      "x-request-id": "request-7",
    });
  },
);

test("a page may widen what it needs, and only that", async () => {
  const page = libraryWith({
    cover: () => ({ headers: { "content-security-policy": "script-src 'self'" }, body: "" }),
  });
  expect((await call(page, "GET", `${books}/${BOOK_ID}/cover`)).headers).toMatchObject({
    "content-security-policy": "script-src 'self'",
    "x-frame-options": "DENY",
  });
});
