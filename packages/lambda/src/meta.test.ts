import { expect, test } from "vitest";
import { call } from "./fixture/call.ts";
import { libraryWith } from "./fixture/library.ts";
import { publicOrigin } from "./meta.ts";

test("a domain of its own comes first", () => {
  expect(publicOrigin("abc.execute-api.eu-central-1.amazonaws.com", "https://api.example.com")).toBe(
    "https://api.example.com",
  );
});

test("the gateway's own name is served over HTTPS", () => {
  const domainName = "abc.execute-api.eu-central-1.amazonaws.com";
  expect(publicOrigin(domainName, undefined)).toBe(`https://${domainName}`);
  expect(publicOrigin(domainName, "")).toBe(`https://${domainName}`);
});

test.each(["localhost:8000", "127.0.0.1:8000", "[::1]:8000"])("%s is a local gateway", (domainName) => {
  expect(publicOrigin(domainName, undefined)).toBe(`http://${domainName}`);
});

test("what a caller says about it does not matter", async () => {
  const seen: unknown[] = [];
  const handler = libraryWith({
    count: ({ meta }) => {
      seen.push(meta.origin);
      return { count: 1 };
    },
  });
  const forged = { host: "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "http" };
  await call(handler, "GET", "/api/v1/books/count", { headers: forged });
  expect(seen).toEqual(["https://localhost"]);
});
