import { tooManyRequests } from "@success-manager/contract/problem";
import { expect, test } from "vitest";
import { call } from "./fixture/call.ts";
import { libraryWith } from "./fixture/library.ts";
import type { RateLimit } from "./rate-limits.ts";

const books = "/api/v1/books";
const LOANS = { quota: 10, window: 60, remaining: 7, reset: 42 };

/** A library whose calls meet these limits, by what each of them does. */
function limited(meet: () => readonly (readonly [string, RateLimit])[], failing = false) {
  let met: ReadonlyMap<string, RateLimit> = new Map([["left-over", LOANS]]);
  const takeLimits = () => {
    const taken = met;
    met = new Map();
    return taken;
  };
  const list = () => {
    met = new Map(meet());
    if (failing) throw tooManyRequests(42);
    return [];
  };
  return libraryWith({ list }, { takeLimits });
}

test("an answer tells the limits that its call has met, and none of another call", async () => {
  const handler = limited(() => [
    ["loans", LOANS],
    ["loans-of-address", { ...LOANS, quota: 100, remaining: 0 }],
  ]);
  const { headers } = await call(handler, "GET", books, { as: "viewer" });
  expect(headers["ratelimit-policy"]).toBe('"loans";q=10;w=60, "loans-of-address";q=100;w=60');
  expect(headers.ratelimit).toBe('"loans";r=7;t=42, "loans-of-address";r=0;t=42');
  const other = await call(handler, "GET", `${books}/count`);
  expect(other.headers).not.toHaveProperty("ratelimit");
  expect(other.headers).not.toHaveProperty("ratelimit-policy");
});

test("a refusal tells them beside Retry-After", async () => {
  const handler = limited(() => [["loans", { ...LOANS, remaining: 0 }]], true);
  const { status, headers } = await call(handler, "GET", books, { as: "viewer" });
  expect([status, headers["retry-after"], headers.ratelimit]).toEqual([429, "42", '"loans";r=0;t=42']);
});

test("what nobody has counted by itself tells its policy alone", async () => {
  const handler = limited(() => [["loans", { ...LOANS, remaining: undefined }]]);
  const { headers } = await call(handler, "GET", books, { as: "viewer" });
  expect(headers["ratelimit-policy"]).toBe('"loans";q=10;w=60');
  expect(headers).not.toHaveProperty("ratelimit");
});
