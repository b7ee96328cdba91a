import { gzipSync } from "node:zlib";
import { text } from "@success-manager/contract/values";
import fc from "fast-check";
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

/** Sends bytes as the gateway does: JSON as the text that it takes them for, anything else in base64. */
const sendBytes = (
  bytes: Uint8Array,
  path: string,
  headers: Readonly<Record<string, string>>,
  as?: string,
) => {
  const asText = /^application\/json/i.test(headers["content-type"] ?? "");
  return call(
    (event, context) => handler({ ...event, isBase64Encoded: !asText }, context),
    "POST",
    `${books}${path}`,
    { ...(as && { as }), headers, body: Buffer.from(bytes).toString(asText ? "utf8" : "base64") },
  );
};
const addBytes = (bytes: Uint8Array, type = "application/json") =>
  sendBytes(bytes, "", { "content-type": type }, "manager");
const borrowBytes = (bytes: Uint8Array) => sendBytes(bytes, "/borrow", FORM_TYPE);

const isUtf8 = (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString()).equals(Buffer.from(bytes));
const NOT_UTF8 = { errors: [{ loc: ["body"], msg: expect.stringContaining("UTF-8"), type: "encoding" }] };
const TITLE = '{"title":"Größe"}';

test.each([
  ["Latin-1", Buffer.from(TITLE, "latin1")],
  ["UTF-16 with its mark", Buffer.from(`\ufeff${TITLE}`, "utf16le")],
  ["UTF-16 without", Buffer.from(TITLE, "utf16le")],
  ["UTF-16, big end first", Buffer.from(TITLE, "utf16le").swap16()],
  [
    "half an emoji",
    Buffer.concat([Buffer.from('{"title":"'), Buffer.from("f09f98", "hex"), Buffer.from('"}')]),
  ],
  [
    "a surrogate",
    Buffer.concat([Buffer.from('{"title":"'), Buffer.from("eda080", "hex"), Buffer.from('"}')]),
  ],
])("JSON in %s must be UTF-8", async (_, bytes) => {
  for (const type of ["application/json", "application/vnd.api+json"]) {
    const { status, json } = await addBytes(bytes, type);
    expect([status, json]).toMatchObject([422, NOT_UTF8]);
  }
});

test("bytes that are no UTF-8 are refused, wherever they stand, and all others read", async () => {
  const around = (bytes: Uint8Array) => Buffer.concat([Buffer.from('{"title":"a'), bytes, Buffer.from('"}')]);
  const bytes = fc.uint8Array({ minLength: 1, maxLength: 6, min: 0x80 });
  await fc.assert(
    fc.asyncProperty(bytes, fc.constantFrom("application/json", "application/x+json"), async (some, type) => {
      const { status, json } = await addBytes(around(some), type);
      // What follows may be an accent, which becomes one letter with it.
      if (isUtf8(some)) expect(String((json as { title: unknown }).title).normalize("NFD")).toMatch(/^a/);
      else expect([status, json]).toMatchObject([422, NOT_UTF8]);
      const form = await borrowBytes(Buffer.concat([Buffer.from("card=a"), some]));
      expect(form.status).toBe(isUtf8(some) ? 200 : 422);
      const escaped = [...some].map((byte) => `%${byte.toString(16)}`).join("");
      expect((await borrow(`card=a${escaped}`)).status).toBe(isUtf8(some) ? 200 : 422);
    }),
  );
});

test("a byte order mark is no part of a body", async () => {
  for (const type of ["application/json", "application/vnd.api+json"])
    expect((await addBytes(Buffer.from(`\ufeff${TITLE}`), type)).json).toMatchObject({ title: "Größe" });
  expect((await borrowBytes(Buffer.from("\ufeffcard=7"))).json).toEqual({ card: "7" });
});

test.each(["gzip", "br", "deflate", "GZIP", "identity, gzip", "zstd"])(
  "a body in %s is refused with a sentence",
  async (coding) => {
    const packed = { "content-encoding": coding };
    for (const { status, json, headers } of [
      await sendBytes(gzipSync(TITLE), "", { ...JSON_TYPE, ...packed }, "manager"),
      await sendBytes(gzipSync("card=7"), "/borrow", { ...FORM_TYPE, ...packed }),
    ]) {
      const detail = "The body is compressed. Send it as it is, without Content-Encoding.";
      expect([status, json]).toEqual([415, { detail }]);
      expect(headers["accept-encoding"]).toBe("identity");
    }
  },
);

test.each([
  ["utf-8", 201],
  ['"UTF-8"', 201],
  ["utf8", 201],
  ["us-ascii", 201],
  ["", 201],
  ["iso-8859-1", 415],
  ["utf-16", 415],
  ['"windows-1252"', 415],
  ["utf-8; charset=latin1", 415],
])("a body that says charset=%s gets %i", async (charset, expected) => {
  const type = (name: string) => ({ "content-type": `${name}; charset=${charset}` });
  expect((await add('{"title":"Emma"}', type("application/json"))).status).toBe(expected);
  const form = await borrow("card=7", type("application/x-www-form-urlencoded"));
  expect(form.status).toBe(expected === 201 ? 200 : 415);
});

test("without a body it does not matter how none is encoded", async () => {
  const headers = { "content-encoding": "gzip" };
  const path = `${books}/${BOOK_ID}/notes`;
  expect((await call(handler, "POST", path, { as: "viewer", headers })).status).toBe(200);
});

test("a form is read as a form, and JSON is none", async () => {
  expect((await borrow("card=a%26b+c")).json).toEqual({ card: "a&b c" });
  expect((await borrow('{"card":"7"}', JSON_TYPE)).status).toBe(422);
  expect((await borrow("")).json).toMatchObject({ errors: [{ loc: ["body", "card"], msg: "is required" }] });
});

test("a form is read as browsers write it, and as people do", async () => {
  expect((await borrow("card=100%")).json).toEqual({ card: "100%" });
  expect((await borrow("card=%zz=1&&other=%ff")).json).toEqual({ card: "%zz=1" });
  expect((await borrow("c%61rd=%EF%BF%BD")).json).toEqual({ card: "\ufffd" });
  const typed = fc.string({ unit: "grapheme", minLength: 1, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(typed, async (card) => {
      fc.pre(card.trim() !== "" && !card.includes("\0"));
      const { json } = await borrow(new URLSearchParams({ card }).toString());
      expect(json).toEqual({ card: text(20).parse(card) });
    }),
  );
});

test.each(["card=6&card=7", "card=7&card=7", "card=6&c%61rd=7", "card=&other=1&card="])(
  "a field that a form repeats is refused: %s",
  async (body) => {
    const { status, json } = await borrow(body);
    expect(status).toBe(422);
    expect(json).toEqual({
      detail: "card: must be given once",
      errors: [{ loc: ["body", "card"], msg: "must be given once", type: "repeated" }],
    });
  },
);

test("a query parameter is given once, in UTF-8; what nobody declared may be anything", async () => {
  const list = (rawQueryString: string) =>
    call((event, context) => handler({ ...event, rawQueryString }, context), "GET", books, { as: "viewer" });
  for (const query of ["limit=5", "", "x=1&x=2&y=%ff&limit=5", "&&limit=%35"])
    expect((await list(query)).status, query).toBe(200);
  for (const [query, type] of [
    ["limit=5&limit=6", "repeated"],
    ["limit=5&skip=0&l%69mit=5", "repeated"],
    ["limit=%ff", "encoding"],
    ["limit=5&limit=%c3%28", "encoding"],
  ]) {
    const { status, json } = await list(query ?? "");
    expect([status, json]).toMatchObject([422, { errors: [{ loc: ["query", "limit"], type }] }]);
    expect((json as { errors: object[] }).errors).toHaveLength(1);
  }
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
