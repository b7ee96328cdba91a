import { request } from "node:http";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type TestCloud, testCloud } from "../support/cloud.ts";

let cloud: TestCloud;
beforeAll(async () => {
  cloud = await testCloud();
});
afterAll(() => cloud?.stop());

/** Sends a request without the headers that `fetch` adds, and leaves compressed bytes as they are. */
const send = async (path: string, headers: Readonly<Record<string, string>> = {}, method = "GET") => {
  const { promise, resolve, reject } = Promise.withResolvers<{
    status: number | undefined;
    headers: Readonly<Record<string, string | string[] | undefined>>;
    body: Buffer;
  }>();
  request(cloud.apiUrl + path, { method, headers }, async (answer) => {
    resolve({ status: answer.statusCode, headers: answer.headers, body: await buffer(answer) });
  })
    .once("error", reject)
    .end();
  return promise;
};

const SCRIPT = "/docs/assets/swagger-ui-bundle.js";

describe("the pages", () => {
  it.each([["GET"], ["HEAD"]])("are where %s / leads", async (method) => {
    const { status, headers, body } = await send("/", {}, method);
    expect([status, headers.location, body.length]).toEqual([302, "/docs", 0]);
    expect(headers["x-content-type-options"]).toBe("nosniff");
  });

  it.each(["/docs", "/docs/", "/redoc"])("%s allows scripts of our own only", async (path) => {
    const { status, headers, body } = await send(path);
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["content-security-policy"]).toContain("script-src 'self';");
    expect(headers["x-frame-options"]).toBe("DENY");
    const html = body.toString();
    expect(html).toContain('<html lang="en">');
    expect(html).not.toMatch(/(src|href)="(?!\/(docs\/assets|openapi\.json))/);
    expect(html).not.toMatch(/<script>|\son\w+=/);
  });

  it("name their files by version, so that each can be kept for good", async () => {
    const { body } = await send("/docs");
    const files = [...body.toString().matchAll(/"(\/docs\/assets\/[^"]+)"/g)].map(([, file]) => file ?? "");
    expect(files.length).toBeGreaterThan(3);
    for (const file of files) {
      expect(file).toMatch(/\?v=[\w-]{16}$/);
      const { status, headers } = await send(file, {}, "HEAD");
      expect(status).toBe(200);
      expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
      expect(headers["x-content-type-options"]).toBe("nosniff");
    }
  });
});

describe("a file of the pages", () => {
  it("travels compressed to those who understand it, and plain to the others", async () => {
    const [compressed, plain] = [await send(SCRIPT, { "accept-encoding": "gzip, br" }), await send(SCRIPT)];
    expect(compressed.headers["content-encoding"]).toBe("gzip");
    expect(compressed.headers["content-type"]).toBe("text/javascript; charset=utf-8");
    expect(compressed.headers.vary).toContain("accept-encoding");
    expect(plain.headers["content-encoding"]).toBeUndefined();
    expect(gunzipSync(compressed.body).equals(plain.body)).toBe(true);
    expect(
      (await send(SCRIPT, { "accept-encoding": "gzip;q=0" })).headers["content-encoding"],
    ).toBeUndefined();
  });

  it("is not sent again to those who have it", async () => {
    const { headers } = await send(SCRIPT, { "accept-encoding": "gzip" });
    const again = await send(SCRIPT, { "if-none-match": `"other", W/${headers.etag}` });
    expect([again.status, again.body.length]).toEqual([304, 0]);
    expect((await send(SCRIPT, { "if-none-match": '"other"' })).status).toBe(200);
  });

  it.each([
    ["/docs/assets/nothing.js", 404],
    ["/docs/assets/index.mjs", 404],
    ["/docs/assets/..%2Findex.mjs", 422],
    ["/docs/assets/%00", 422],
  ])("%s is none", async (path, expected) => {
    const { status, body } = await send(path);
    expect(status).toBe(expected);
    expect(JSON.parse(body.toString())).toHaveProperty("detail");
  });
});

describe("the description", () => {
  it("is the same at both addresses, and says so by its ETag", async () => {
    const [one, other] = [await send("/openapi.json"), await send("/api/v1/openapi.json")];
    expect(one.status).toBe(200);
    expect(one.headers["content-type"]).toBe("application/json");
    expect(one.body.equals(other.body)).toBe(true);
    expect(JSON.parse(one.body.toString())).toMatchObject({
      openapi: "3.1.1",
      info: { version: "1.0.0", contact: { name: "Extravis, Success Manager", url: "https://extravis.com" } },
    });
    expect((await send("/openapi.json", { "if-none-match": String(one.headers.etag) })).status).toBe(304);
  });

  // Readers wait for it before they see anything.
  it("is small enough to load at once", async () => {
    const { body } = await send("/openapi.json", { "accept-encoding": "gzip" });
    expect(body.length).toBeLessThan(150_000);
    expect(gunzipSync(body).length).toBeLessThan(1_150_000);
  });
});

describe("everything else", () => {
  it("is a sign of life at /health", async () => {
    expect((await cloud.stranger.docs.health({})).body()).toEqual({ status: "healthy", version: "1.0.0" });
  });

  it.each(["GET", "POST", "DELETE"])("is not found, whatever %s is asked for", async (method) => {
    const { status, headers, body } = await send("/wp-login.php", {}, method);
    expect([status, JSON.parse(body.toString())]).toEqual([404, { detail: "Page not found" }]);
    expect(headers["x-content-type-options"]).toBe("nosniff");
    expect(headers["x-request-id"]).toBeTruthy();
  });

  it("is not found without a body for HEAD", async () => {
    const { status, body } = await send("/nothing", {}, "HEAD");
    expect([status, body.length]).toEqual([404, 0]);
  });
});
