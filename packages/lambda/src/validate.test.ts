import { expect, test } from "vitest";
import { call } from "./fixture/call.ts";
import { BOOK_ID, libraryWith } from "./fixture/library.ts";

const handler = libraryWith();
const books = "/api/v1/books";

const add = (body: object) => call(handler, "POST", books, { as: "manager", body });
const list = (query: Readonly<Record<string, string>>) =>
  call(handler, "GET", books, { as: "viewer", query });

test("each complaint names its field", async () => {
  const { status, json } = await add({ title: "", authors: [{ name: "Ada" }, { name: 7 }] });
  expect(status).toBe(422);
  expect(json).toEqual({
    detail: "title: must not be empty; authors.1.name: must be a string",
    errors: [
      { loc: ["body", "title"], msg: "must not be empty", type: "too_small" },
      { loc: ["body", "authors", 1, "name"], msg: "must be a string", type: "invalid_type" },
    ],
  });
});

test("the sentence stays short when much is wrong", async () => {
  const { json } = await add({ title: "Emma", authors: Array(10).fill({}) });
  expect(json).toMatchObject({
    detail: expect.stringMatching(/^(authors\.\d\.name: is required; ){3}and 7 more$/),
  });
});

test.each(["1", "not-a-uuid", "0b0e3d3a6f0c4b5e9d517a1e7f4b2c11", `${BOOK_ID}%00`])(
  "%s is no id",
  async (id) => {
    const { status, json } = await call(handler, "GET", `${books}/${id}`, { as: "viewer" });
    expect(status).toBe(422);
    expect(json).toEqual({
      detail: "id: must be a UUID",
      errors: [{ loc: ["path", "id"], msg: "must be a UUID", type: "invalid_format" }],
    });
  },
);

test("an id means the same in capitals", async () => {
  const { json } = await call(handler, "GET", `${books}/${BOOK_ID.toUpperCase()}`, { as: "viewer" });
  expect(json).toMatchObject({ id: BOOK_ID });
});

test("path and body are checked together", async () => {
  const { json } = await call(handler, "PUT", `${books}/7`, { as: "manager", body: { title: "" } });
  expect(json).toMatchObject({ errors: [{ loc: ["path", "id"] }, { loc: ["body", "title"] }] });
});

test.each([
  ["skip", "-1"],
  ["skip", "1e30"],
  ["limit", "0"],
  ["limit", ""],
])("the query %s=%s is refused", async (field, value) => {
  const { status, json } = await list({ [field]: value });
  expect([status, json]).toMatchObject([422, { errors: [{ loc: ["query", field] }] }]);
});

test("parameters that nobody declared are passed over", async () => {
  expect((await list({ colour: "red" })).status).toBe(200);
});

test("a NUL is refused, never stored", async () => {
  const { status, json } = await add({ title: "a\u0000b" });
  expect([status, json]).toMatchObject([422, { detail: "title: must not contain NUL or broken characters" }]);
});

test("no complaint repeats what was sent", async () => {
  const secret = "s3cret";
  const answers = await Promise.all([
    add({ title: secret.repeat(9), authors: secret }),
    add([secret]),
    list({ limit: secret }),
    call(handler, "GET", `${books}/${secret}`, { as: "viewer" }),
    call(handler, "POST", books, { as: "manager", body: secret, headers: { "content-type": secret } }),
  ]);
  for (const { status, text } of answers) {
    expect(status).toBe(422);
    expect(text).not.toContain(secret);
  }
});
