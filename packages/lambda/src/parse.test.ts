import { expect, test } from "vitest";
import { call } from "./fixture/call.ts";
import { BOOK_ID, libraryWith } from "./fixture/library.ts";

const handler = libraryWith();
const books = "/api/v1/books";
const MIB = 1024 * 1024;
const JSON_TYPE = { "content-type": "application/json" };
const FORM_TYPE = { "content-type": "application/x-www-form-urlencoded" };

const add = (body: string, headers: Readonly<Record<string, string>> = JSON_TYPE, base64 = false) =>
  call(handler, "POST", books, { as: "manager", body, headers, base64 });
const borrow = (body: string, headers: Readonly<Record<string, string>> = FORM_TYPE, base64 = false) =>
  call(handler, "POST", `${books}/borrow`, { body, headers, base64 });

test.each(["{", "x", "nul", '{"title": "a",}', "[".repeat(100_000)])(
  "JSON must not be broken (%#)",
  async (body) => {
    const { status, json } = await add(body);
    expect(status).toBe(422);
    expect(json).toMatchObject({
      detail: "body: is not valid JSON",
      errors: [{ loc: ["body"], type: "json_invalid" }],
    });
  },
);

test.each(['{"title":"a","__proto__":{"x":1}}', '{"title":"a","constructor":{"prototype":{"x":1}}}'])(
  "JSON must not reach for prototypes: %s",
  async (body) => {
    const { status, json } = await add(body);
    expect([status, json]).toMatchObject([
      422,
      { errors: [{ loc: ["body"], msg: expect.stringContaining("__proto__"), type: "forbidden_key" }] },
    ]);
  },
);

test.each(["text/plain", "application/x-www-form-urlencoded", ""])(
  "JSON must not come as %o",
  async (type) => {
    const { status, json } = await add('{"title":"Emma"}', type ? { "content-type": type } : {});
    expect(status).toBe(422);
    expect(json).toMatchObject({ errors: [{ loc: ["body"], type: "content_type" }] });
  },
);

test.each(["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"])(
  "%s is JSON",
  async (type) => {
    expect((await add('{"title":"Emma"}', { "content-type": type })).status).toBe(201);
  },
);

test.each(["search=%ff", "a=1&search=caf%E9", "%C3%28=1", "search=%ED%A0%80"])(
  "a query whose bytes are no text is refused: %s",
  async (query) => {
    const { status, json } = await call(handler, "GET", books, { as: "viewer", rawQuery: query });
    expect([status, json]).toMatchObject([
      422,
      {
        detail: "query: must be UTF-8 text, percent-encoded",
        errors: [{ loc: ["query"], type: "encoding" }],
      },
    ]);
  },
);

test.each([
  "",
  "search=caf%C3%A9",
  "search=%EF%BF%BD",
  "search=100%",
  "search=%zz",
  "search=%F0%9F%98%80+%26",
])("a query of text is none of that: %s", async (query) => {
  const { json } = await call(handler, "GET", books, { as: "viewer", rawQuery: query });
  expect(json).not.toMatchObject({ errors: [{ type: "encoding" }] });
});

test("no body at all is a missing one, where one is needed", async () => {
  const { status, json } = await call(handler, "POST", books, { as: "manager" });
  expect([status, json]).toMatchObject([422, { errors: [{ loc: ["body"] }] }]);
  expect(await call(handler, "POST", `${books}/${BOOK_ID}/notes`, { as: "viewer" })).toMatchObject({
    status: 200,
    json: { note: null },
  });
});

test("a body in base64 is the same body", async () => {
  expect((await add('{"title":"Łódź"}', JSON_TYPE, true)).json).toMatchObject({ title: "Łódź" });
  expect((await borrow("card=%C5%81", FORM_TYPE, true)).json).toEqual({ card: "Ł" });
});

test("a body in base64 must be UTF-8", async () => {
  const sent = { as: "manager", headers: JSON_TYPE, body: "/w==", base64: false };
  const broken = await call(
    (event, context) => handler({ ...event, isBase64Encoded: true }, context),
    "POST",
    books,
    sent,
  );
  expect([broken.status, broken.json]).toMatchObject([422, { errors: [{ type: "encoding" }] }]);
});

test("a form is read as a form, and JSON is none", async () => {
  expect((await borrow("card=a%26b+c")).json).toEqual({ card: "a&b c" });
  expect((await borrow('{"card":"7"}', JSON_TYPE)).status).toBe(422);
  expect((await borrow("")).json).toMatchObject({ errors: [{ loc: ["body", "card"], msg: "is required" }] });
});

test("of a field that a form repeats, the last one counts", async () => {
  expect((await borrow("card=6&card=7")).json).toEqual({ card: "7" });
});

test.each([
  ["plain", JSON.stringify({ title: "x".repeat(MIB) }), false],
  ["in base64", JSON.stringify({ title: "x".repeat(MIB) }), true],
  ["in characters of several bytes", JSON.stringify({ title: "ü".repeat(0.6 * MIB) }), false],
])("a body over 1 MiB, %s, is too large", async (_, body, base64) => {
  const { status, json } = await add(body, JSON_TYPE, base64);
  expect([status, json]).toEqual([413, { detail: "The body is too large; 1 MiB is the most." }]);
});

test.each([false, true])("a body of just 1 MiB is read (base64: %o)", async (base64) => {
  const wrapping = JSON.stringify({ title: "" }).length;
  const { status, json } = await add(
    JSON.stringify({ title: "x".repeat(MIB - wrapping) }),
    JSON_TYPE,
    base64,
  );
  expect([status, json]).toMatchObject([422, { detail: "title: must be at most 20 characters" }]);
});

test("a body is not looked at where none is declared", async () => {
  const { status } = await call(handler, "GET", books, { as: "viewer", body: "{broken", headers: JSON_TYPE });
  expect(status).toBe(200);
});
