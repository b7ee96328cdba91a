import { expect, test } from "vitest";
import { call } from "./fixture/call.ts";
import { libraryWith } from "./fixture/library.ts";

const handler = libraryWith();
const books = "/api/v1/books";

test.each(["", "Basic YTpi", "Bearer", "Bearer a b", "viewer"])(
  "who sends the authorization %o is asked to sign in",
  async (authorization) => {
    const sent = { headers: { ...(authorization && { authorization }) } };
    const { status, headers, json } = await call(handler, "GET", books, sent);
    expect(status).toBe(401);
    expect(headers["www-authenticate"]).toBe("Bearer");
    expect(json).toEqual({ detail: "Sign in first: send the access token as a bearer token." });
  },
);

test("a token that has ended is refused in the words of who checked it", async () => {
  const { status, json } = await call(handler, "GET", books, { as: "ended" });
  expect([status, json]).toEqual([401, { detail: "Sign in again." }]);
});

test("the scheme's name is read in any case", async () => {
  expect(await call(handler, "GET", books, { headers: { authorization: "bearer viewer" } })).toMatchObject({
    status: 200,
  });
});

test.each([
  ["viewer", 403],
  ["manager", 201],
  ["admin", 201],
])("a %s who adds a book gets %i", async (as, expected) => {
  expect((await call(handler, "POST", books, { as, body: { title: "Emma" } })).status).toBe(expected);
});

test("a role that is too low is refused before its input is looked at", async () => {
  const { status, json } = await call(handler, "POST", books, { as: "viewer", body: "{broken" });
  expect([status, json]).toEqual([403, { detail: "Only managers and admins may do this." }]);
});

test("nobody is asked who they are where everybody may go", async () => {
  expect((await call(handler, "GET", `${books}/count`, { as: "ended" })).status).toBe(200);
});

test("an implementation learns who calls", async () => {
  const seen = libraryWith({ list: ({ actor }) => [{ id: actor.id, title: actor.role, revision: 1 }] });
  expect((await call(seen, "GET", books, { as: "viewer" })).json).toMatchObject([
    { id: "viewer-1", title: "viewer" },
  ]);
});
