import { setTimeout } from "node:timers/promises";
import { describe, expect, it, test, vi } from "vitest";
import { call } from "./fixture/call.ts";
import { actorOf, implementations, library, libraryWith } from "./fixture/library.ts";
import { createServe } from "./serve.ts";

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

describe("business code", () => {
  const watched = () => {
    const list = vi.fn(() => []);
    return { list, handler: libraryWith({ list }) };
  };

  it("begins only when the session is verified", async () => {
    const order: string[] = [];
    const check = async () => {
      await setTimeout(1);
      order.push("verified");
      return { actor: actorOf("viewer"), found: [] };
    };
    const list = () => {
      order.push("begun");
      return [];
    };
    const handler = createServe(check)(library, { ...implementations, list });
    const { status } = await call(handler, "GET", books, { as: "viewer" });
    expect([status, order]).toEqual([200, ["verified", "begun"]]);
  });

  it.each(["ended", "forged"])("does not begin for a token that is %s", async (as) => {
    const { list, handler } = watched();
    expect((await call(handler, "GET", books, { as })).status).toBe(401);
    expect(list).not.toHaveBeenCalled();
  });

  it("does not begin for input that is refused, which is looked at after the session", async () => {
    const { list, handler } = watched();
    const bad = { query: { limit: "many" } };
    expect((await call(handler, "GET", books, { as: "ended", ...bad })).status).toBe(401);
    expect((await call(handler, "GET", books, { as: "viewer", ...bad })).status).toBe(422);
    expect(list).not.toHaveBeenCalled();
  });
});

describe("what is read ahead of business code", () => {
  /** An endpoint whose input names what it reads. */
  const reading = () => {
    const reads = vi.fn(({ body }: { readonly body: { readonly title: string } }) => [`title ${body.title}`]);
    const add = vi.fn(
      ({ body }: { readonly body: { readonly title: string } }, found: readonly unknown[]) => ({
        id: "b1",
        title: `${body.title} of ${found.join()}`,
        revision: 1,
      }),
    );
    return { reads, add, handler: libraryWith({ add: Object.assign(add, { reads }) }) };
  };
  const send = (handler: ReturnType<typeof libraryWith>, as: string, body: object | string) =>
    call(handler, "POST", books, { as, body });

  it("is found together with the session, by the validated input", async () => {
    const { reads, handler } = reading();
    const { status, json } = await send(handler, "manager", { title: "  Emma " });
    expect([status, json]).toMatchObject([201, { title: "Emma of title Emma" }]);
    expect(reads).toHaveBeenCalledOnce();
  });

  it("is nothing for input that is not valid, which is told after the role was looked at", async () => {
    for (const body of [{ title: "" }, "{broken"]) {
      const { reads, add, handler } = reading();
      expect((await send(handler, "viewer", body)).status).toBe(403);
      expect((await send(handler, "ended", body)).status).toBe(401);
      const { status, json } = await send(handler, "manager", body);
      expect(status).toBe(422);
      expect(json).toEqual((await call(libraryWith(), "POST", books, { as: "manager", body })).json);
      expect(reads).not.toHaveBeenCalled();
      expect(add).not.toHaveBeenCalled();
    }
  });

  it("is not asked for by a token that is forged", async () => {
    const { reads, handler } = reading();
    expect((await send(handler, "forged", { title: "Emma" })).status).toBe(401);
    expect(reads).not.toHaveBeenCalled();
  });
});
