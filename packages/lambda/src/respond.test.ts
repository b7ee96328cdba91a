import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { call } from "./fixture/call.ts";
import { BOOK_ID, libraryWith } from "./fixture/library.ts";

const books = "/api/v1/books";
const one = `${books}/${BOOK_ID}`;

const change = (ifMatch?: string, handler = libraryWith()) =>
  call(handler, "PUT", one, {
    as: "manager",
    body: { title: "Emma" },
    headers: { "content-type": "application/json", ...(ifMatch !== undefined && { "if-match": ifMatch }) },
  });

test("an answer carries the status of the contract, as JSON", async () => {
  const added = await call(libraryWith(), "POST", books, { as: "manager", body: { title: "Emma" } });
  expect(added).toMatchObject({ status: 201, headers: { "content-type": "application/json" } });
});

test("an answer with a revision has it as its ETag, others have none", async () => {
  expect((await call(libraryWith(), "GET", one, { as: "viewer" })).headers.etag).toBe('"3"');
  expect((await call(libraryWith(), "GET", books, { as: "viewer" })).headers).not.toHaveProperty("etag");
});

/** What the implementation of a change learns of `If-Match`; undefined when nothing is asked for. */
const revisionsIn = async (ifMatch?: string) => {
  let seen: unknown = "not called";
  const handler = libraryWith({
    change: ({ meta }) => {
      seen = meta.ifMatch;
      return { id: BOOK_ID, title: "Emma", revision: 8 };
    },
  });
  const { status, headers } = await change(ifMatch, handler);
  expect([status, headers.etag]).toEqual([200, '"8"']);
  return seen;
};

// RFC 9110, 13.1.1 and 8.8.3: a list of tags, of which the strong ones are compared.
test.each<[string | undefined, readonly number[] | undefined]>([
  [undefined, undefined],
  ["*", undefined],
  [" * ", undefined],
  ['"7"', [7]],
  [' "7" ', [7]],
  ["7", [7]],
  ['"7", "8"', [7, 8]],
  ['"7","8",9', [7, 8, 9]],
  [', "7",, "8" ,', [7, 8]],
  ['"a,b", "7"', [7]],
  ['W/"7"', []],
  ['W/"7", "8"', [8]],
  ['"seven"', []],
  ['"1e3"', []],
  ['"0"', [0]],
  ['"07"', []],
  ['""', []],
  ['"123456789012345678901"', []],
])("If-Match %s names the revisions %o", async (ifMatch, revisions) => {
  expect(await revisionsIn(ifMatch)).toEqual(revisions);
});

test.each(["", ",", "seven", '"7', '7"', "'7'", '"7" "8"', '"7" or "8"', 'w/"7"', '"7", *'])(
  "If-Match %o is no list of ETags",
  async (ifMatch) => {
    const { status, json } = await change(ifMatch);
    expect([status, json]).toMatchObject([422, { errors: [{ loc: ["header", "If-Match"], type: "etag" }] }]);
  },
);

test("a long If-Match takes no long time", async () => {
  const began = performance.now();
  expect((await change(`"7"${" , ".repeat(5_000)}x`)).status).toBe(422);
  expect(await revisionsIn(Array(2_000).fill('"7"').join(" , "))).toHaveLength(2_000);
  expect(performance.now() - began).toBeLessThan(5_000);
});

test("If-Match means nothing where nothing can be outrun", async () => {
  const sent = { as: "viewer", headers: { "if-match": "seven" } };
  expect((await call(libraryWith(), "GET", one, sent)).status).toBe(200);
});

test("bytes travel in base64 with their content type, text as it is", async () => {
  expect(await call(libraryWith(), "GET", `${one}/cover`)).toMatchObject({
    headers: { "content-type": "image/png" },
    text: "iVBORw==",
    isBase64Encoded: true,
  });
  const drawn = libraryWith({
    cover: () => ({ status: 203, headers: { "content-type": "image/svg+xml" }, body: "<svg/>" }),
  });
  expect(await call(drawn, "GET", `${one}/cover`)).toMatchObject({
    status: 203,
    headers: { "content-type": "image/svg+xml" },
    text: "<svg/>",
    isBase64Encoded: false,
  });
});

test("an answer before all is done says that there is more to come", async () => {
  const printed = (pages: number) => call(libraryWith({ print: () => ({ pages }) }), "POST", `${one}/prints`);
  expect(await printed(0)).toMatchObject({ status: 202, json: { pages: 0 } });
  expect(await printed(1)).toMatchObject({ status: 200, json: { pages: 1 } });
});

const scan = (accept?: string) =>
  call(libraryWith(), "GET", `${one}/scan`, { ...(accept !== undefined && { headers: { accept } }) });
const SCAN = "https://files.example.com/dune.pdf?key=1";

test.each([
  undefined,
  "",
  "*/*",
  // The default of axios, and that of a browser.
  "application/json, text/plain, */*",
  "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
  "application/json, application/pdf",
  "application/json;q=0.1, Application/PDF ;q=1",
  "text/plain",
  "application/jsonp",
  ",;,",
])("who accepts %o is redirected to the file, and nobody keeps the redirect", async (accept) => {
  expect(await scan(accept)).toMatchObject({
    status: 307,
    headers: { location: SCAN, "cache-control": "no-store" },
    text: "",
  });
});

describe("a page of another origin", () => {
  /** A bucket: what it answers, and who asked. */
  const bucket = createServer((request, response) => {
    const { status, bytes } = kept[request.url ?? ""] ?? { status: 403, bytes: 0 };
    response.writeHead(status, { "content-disposition": 'attachment; filename="dune.pdf"' });
    response.end(Buffer.alloc(bytes, "%"));
  });
  const kept: Record<string, { status: number; bytes: number }> = {
    "/dune.pdf?key=1": { status: 200, bytes: 5 },
    "/largest.pdf": { status: 200, bytes: 4_500_000 },
    "/larger.pdf": { status: 200, bytes: 4_500_001 },
    "/down.pdf": { status: 503, bytes: 0 },
  };
  let base: string;
  beforeAll(async () => {
    await new Promise<void>((done) => bucket.listen(0, "127.0.0.1", done));
    base = `http://127.0.0.1:${(bucket.address() as AddressInfo).port}`;
  });
  afterAll(() => void bucket.close());

  const ask = (file: string, accept = "*/*") => {
    const scan = () => ({ url: `${base}${file}`, expires_at: "2026-01-31T08:05:00.000Z" });
    const headers = { accept, origin: "https://app.example.com" };
    return call(libraryWith({ scan }), "GET", `${one}/scan`, { headers });
  };

  test("gets the file itself, under its name", async () => {
    const { status, headers, text, isBase64Encoded } = await ask("/dune.pdf?key=1");
    expect([status, isBase64Encoded]).toEqual([200, true]);
    expect(headers).toMatchObject({
      "content-type": "application/pdf",
      "content-disposition": 'attachment; filename="dune.pdf"',
      "cache-control": "no-store",
    });
    expect(headers).not.toHaveProperty("location");
    expect(Buffer.from(text, "base64").toString()).toBe("%%%%%");
  });

  test("gets its address when it asks for that", async () => {
    expect(await ask("/dune.pdf?key=1", "application/json")).toMatchObject({
      status: 200,
      json: { url: `${base}/dune.pdf?key=1` },
    });
  });

  test.each([
    ["/largest.pdf", 200],
    ["/larger.pdf", 413],
    ["/gone.pdf", 404],
    ["/down.pdf", 500],
  ])("%s: is answered %i", async (file, expected) => {
    const { status, text } = await ask(file);
    expect(status).toBe(expected);
    expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThan(6_100_000);
  });
});

test.each(["application/json", "application/json; charset=utf-8", "Application/JSON, text/plain;q=0.5"])(
  "who accepts %s gets its address",
  async (accept) => {
    const { status, headers, json } = await scan(accept);
    expect([status, headers["content-type"]]).toEqual([200, "application/json"]);
    expect(headers).not.toHaveProperty("location");
    expect(json).toEqual({ url: SCAN, expires_at: "2026-01-31T08:05:00.000Z" });
  },
);

test.each([
  ["long", "x".repeat(60_000)],
  ["full of quotes, which are escaped twice", '"'.repeat(24_000)],
  ["of characters that take three bytes", "字".repeat(24_000)],
])("a page that is too large for Lambda says so: titles %s", async (_, title) => {
  const handler = libraryWith({ list: () => Array(100).fill({ id: BOOK_ID, title, revision: 1 }) });
  const { status, json } = await call(handler, "GET", books, { as: "viewer" });
  expect(status).toBe(422);
  expect(json).toMatchObject({
    detail: "limit: this page would be too large; ask for fewer rows",
    errors: [{ loc: ["query", "limit"], type: "too_big" }],
  });
});

test("a large page that fits is sent", async () => {
  const handler = libraryWith({
    list: () => Array(100).fill({ id: BOOK_ID, title: "x".repeat(50_000), revision: 1 }),
  });
  expect((await call(handler, "GET", books, { as: "viewer" })).status).toBe(200);
});
