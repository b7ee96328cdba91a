import { expect, test } from "vitest";
import { call } from "./fixture/call.ts";
import { BOOK_ID, libraryWith } from "./fixture/library.ts";

const handler = libraryWith();
const books = "/api/v1/books";

test("a request goes to the endpoint that the gateway named", async () => {
  const route = { key: "GET /api/v1/books/{id}", params: { id: BOOK_ID } };
  const { status, json } = await call(handler, "GET", `${books}/${BOOK_ID}`, { as: "viewer", route });
  expect([status, json]).toMatchObject([200, { id: BOOK_ID }]);
});

test("what only the catch-all caught is found by its path", async () => {
  expect((await call(handler, "GET", `${books}/${BOOK_ID}`, { as: "viewer" })).json).toMatchObject({
    id: BOOK_ID,
  });
});

test("a path without parameters comes before one with them", async () => {
  expect((await call(handler, "GET", `${books}/count`)).json).toEqual({ count: 1 });
});

test("an alias leads to the same endpoint", async () => {
  const sent = { body: "card=7", headers: { "content-type": "application/x-www-form-urlencoded" } };
  expect((await call(handler, "POST", `${books}/lend`, sent)).json).toEqual({ card: "7" });
});

test("a slash at the end makes no difference", async () => {
  expect((await call(handler, "GET", `${books}/`, { as: "viewer" })).status).toBe(200);
  expect((await call(handler, "POST", `${books}/`, { as: "admin", body: { title: "Emma" } })).status).toBe(
    201,
  );
  expect((await call(handler, "GET", `${books}/count/`)).status).toBe(200);
});

test("HEAD answers as GET would, without the body", async () => {
  const head = await call(handler, "HEAD", `${books}/count`);
  const got = await call(handler, "GET", `${books}/count`);
  expect(head).toMatchObject({ status: 200, text: "", headers: got.headers });
  expect(await call(handler, "HEAD", `${books}/${BOOK_ID}/cover`)).toMatchObject({
    text: "",
    isBase64Encoded: false,
  });
});

test.each(["/nothing/here", "x"])("there is nothing at %s", async (rest) => {
  const { status, json } = await call(handler, "GET", `${books}${rest}`, { as: "viewer" });
  expect([status, json]).toEqual([404, { detail: "Page not found" }]);
});

test.each([
  ["DELETE", books, "GET, HEAD, POST"],
  ["PATCH", `${books}/${BOOK_ID}`, "GET, HEAD, PUT"],
  ["GET", `${books}/${BOOK_ID}/notes`, "POST"],
])("%s %s is told what is possible instead", async (method, path, allow) => {
  const { status, headers, json } = await call(handler, method, path);
  expect(status).toBe(405);
  expect(headers.allow).toBe(allow);
  expect(json).toEqual({ detail: `${method} is not possible here. Use ${allow}.` });
});

test.each([
  ["GET", `${books}/bestsellers/of/the/year`, 404],
  ["DELETE", `${books}/count`, 405],
  ["GET", `${books}/count`, 200],
])(
  "a route of another version is answered as the catch-all answers %s %s: %i",
  async (method, path, status) => {
    const route = { key: `${method} ${path.replace("count", "{anything}")}`, params: { anything: "count" } };
    expect((await call(handler, method, path, { as: "viewer", route })).status).toBe(status);
  },
);
