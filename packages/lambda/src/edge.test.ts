import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { call } from "./fixture/call.ts";
import { libraryWith } from "./fixture/library.ts";

let seen: string[];
beforeEach(() => {
  seen = [];
});
afterEach(() => {
  vi.unstubAllEnvs();
});

/** The library behind an edge with these secrets; without one when undefined. */
function behind(secrets: string | undefined) {
  vi.stubEnv("ORIGIN_SECRETS", secrets);
  return libraryWith({
    count: ({ meta }) => {
      seen.push(meta.sourceIp, ...Object.keys(meta.headers).filter((name) => name.includes("secret")));
      return { count: 1 };
    },
  });
}

const GATEWAY = "192.0.2.1";
const count = (handler: ReturnType<typeof behind>, headers: Readonly<Record<string, string>>) =>
  call(handler, "GET", "/api/v1/books/count", { headers });

describe("behind an edge", () => {
  test.each(["before", "now", "next"])(
    "secret %j counts, and the viewer's address with it",
    async (secret) => {
      const handler = behind("before,now,next");
      const { status } = await count(handler, { "x-origin-secret": secret, "true-client-ip": "203.0.113.7" });
      expect([status, seen]).toEqual([200, ["203.0.113.7"]]);
    },
  );

  test.each([
    [{}],
    [{ "x-origin-secret": "" }],
    [{ "x-origin-secret": "no" }],
    [{ "x-origin-secret": "now," }],
    [{ "x-origin-secret": "before,now" }],
    [{ "x-origin-secret": "NOW" }],
    [{ "x-origin-secret": "now,now" }],
    [{ "true-client-ip": "203.0.113.7" }],
    [{ "x-origin-secret": "no", "true-client-ip": "203.0.113.7", "x-forwarded-for": "203.0.113.7" }],
  ])("a direct call with %j is answered 403 as every failure is, and does nothing", async (headers) => {
    const answer = await count(behind("before,now"), headers);
    expect([answer.status, answer.json, seen]).toEqual([
      403,
      { detail: "This is not the API's public address." },
      [],
    ]);
    expect(answer.headers).toMatchObject({ "cache-control": "no-store", "x-request-id": "request-7" });
  });

  test("a direct call learns neither routes nor who is signed in", async () => {
    const handler = behind("now");
    const statuses = await Promise.all([
      call(handler, "GET", "/api/v1/books", { as: "admin" }),
      call(handler, "DELETE", "/api/v1/books"),
      call(handler, "GET", "/api/v1/books/nowhere/at/all"),
    ]);
    expect(statuses.map(({ status }) => status)).toEqual([403, 403, 403]);
  });

  test.each(["2001:db8::7", "::ffff:203.0.113.7", "2001:DB8:0:0:0:0:0:7"])(
    "%s is an address",
    async (address) => {
      await count(behind("now"), { "x-origin-secret": "now", "true-client-ip": address });
      expect(seen).toEqual([address]);
    },
  );

  test.each([
    "",
    "somebody",
    "203.0.113.7:4711",
    "203.0.113.7, 203.0.113.8",
    "[2001:db8::7]",
    "203.0.113.007",
  ])("%j is none, so the gateway's counts", async (address) => {
    await count(behind("now"), { "x-origin-secret": "now", "true-client-ip": address });
    expect(seen).toEqual([GATEWAY]);
  });

  test.each(["", ",", ",,"])("secrets %j let nobody in: the function does not start", (secrets) => {
    expect(() => behind(secrets)).toThrow(/ORIGIN_SECRETS/);
  });
});

test("without an edge, the gateway's address counts, whatever a caller sends", async () => {
  const { status } = await count(behind(undefined), {
    "x-origin-secret": "now",
    "true-client-ip": "203.0.113.7",
    "cloudfront-viewer-address": "203.0.113.7:4711",
  });
  expect([status, seen]).toEqual([200, [GATEWAY, "x-origin-secret"]]);
});
