import { expect, test } from "vitest";
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

test.each(['"7"', 'W/"7"', "7", ' "7" '])("If-Match %s asks for version 7", async (ifMatch) => {
  expect((await change(ifMatch)).headers.etag).toBe('"8"');
});

test.each([undefined, "*"])("If-Match %s asks for no version", async (ifMatch) => {
  const handler = libraryWith({
    change: ({ meta }) => ({ id: BOOK_ID, title: String("ifMatch" in meta), revision: 1 }),
  });
  expect((await change(ifMatch, handler)).json).toMatchObject({ title: "false" });
});

test.each(["", "seven", '"7", "8"', '"1e3"'])("If-Match %o is no ETag of ours", async (ifMatch) => {
  const { status, json } = await change(ifMatch);
  expect([status, json]).toMatchObject([422, { errors: [{ loc: ["header", "If-Match"], type: "etag" }] }]);
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
