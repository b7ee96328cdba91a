import type { Actor } from "@success-manager/contract/dsl/endpoint";
import { Problem } from "@success-manager/contract/problem";
import { describe, expect, it, test } from "vitest";
import { call } from "./fixture/call.ts";
import { actorOf, implementations, library, libraryWith } from "./fixture/library.ts";
import { service } from "./serve.ts";

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
  const seen = libraryWith({ mine: ({ actor }) => [{ id: actor.id, title: actor.role, revision: 1 }] });
  expect((await call(seen, "GET", `${books}/mine`, { as: "viewer" })).json).toMatchObject([
    { id: "viewer-1", title: "viewer" },
  ]);
});

describe("what all read alike", () => {
  it("is read while the session is looked up, and answered when that stands", async () => {
    const order: string[] = [];
    const session = Promise.withResolvers<Actor>();
    const handler = service(async () => ({ caller: session.promise }))(library, {
      ...implementations,
      list: () => {
        order.push("read");
        setTimeout(() => {
          order.push("looked up");
          session.resolve(actorOf("viewer"));
        });
        return [];
      },
    });
    const { status } = await call(handler, "GET", books, { as: "viewer" });
    expect([status, order]).toEqual([200, ["read", "looked up"]]);
  });

  it.each([
    ["what was found", () => []],
    ["a failure", () => Promise.reject(new Problem(404, "There is no such shelf."))],
  ] as const)("is not answered with %s when the session has ended", async (_, list) => {
    const { status, json } = await call(libraryWith({ list }), "GET", books, { as: "ended" });
    expect([status, json]).toEqual([401, { detail: "Sign in again." }]);
  });

  it("is refused for the session first, and for the input only then", async () => {
    const bad = { query: { limit: "many" } };
    expect((await call(handler, "GET", books, { as: "ended", ...bad })).status).toBe(401);
    expect((await call(handler, "GET", books, { as: "viewer", ...bad })).status).toBe(422);
  });

  it("fails at once when the fault is ours", async () => {
    const nobodyKnows = service(async () => ({ caller: new Promise<Actor>(() => undefined) }));
    const list = () => Promise.reject(new Error("broken"));
    const handler = nobodyKnows(library, { ...implementations, list });
    expect((await call(handler, "GET", books, { as: "viewer" })).status).toBe(500);
  });

  it("is not even begun for a token that is none of ours", async () => {
    let read = false;
    const watched = libraryWith({
      list: () => {
        read = true;
        return [];
      },
    });
    expect((await call(watched, "GET", books, { as: "forged" })).status).toBe(401);
    expect(read).toBe(false);
  });
});

test("what is about the caller waits for the session", async () => {
  let read = false;
  const watched = libraryWith({
    mine: () => {
      read = true;
      return [];
    },
  });
  expect((await call(watched, "GET", `${books}/mine`, { as: "ended" })).status).toBe(401);
  expect(read).toBe(false);
});
