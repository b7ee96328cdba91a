import type { Endpoint, Request } from "@success-manager/contract/dsl/endpoint";
import { expect, expectTypeOf, test } from "vitest";
import { call } from "./fixture/call.ts";
import { BOOK_ID, library, libraryWith } from "./fixture/library.ts";
import { createServe, type Implementations } from "./serve.ts";

const book = { id: BOOK_ID, title: "Emma", revision: 1 };

test("an implementation gets what its endpoint declares, and where the request came from", async () => {
  const seen: unknown[] = [];
  const handler = libraryWith({
    change: (request) => {
      seen.push(request);
      return book;
    },
  });
  await call(handler, "PUT", `/api/v1/books/${BOOK_ID}`, {
    as: "manager",
    body: { title: " Emma ", colour: 1 },
  });
  expect(seen).toEqual([
    {
      params: { id: BOOK_ID },
      body: { title: "Emma" },
      actor: expect.objectContaining({ id: "manager-1", role: "manager" }),
      meta: expect.objectContaining({ requestId: "request-7", sourceIp: "192.0.2.1" }),
    },
  ]);
});

test("one request leaves nothing behind for the next", async () => {
  const handler = libraryWith();
  const first = await call(handler, "GET", "/api/v1/books", { as: "admin" });
  const second = await call(handler, "GET", "/api/v1/books");
  expect([first.status, second.status]).toEqual([200, 401]);
});

type Endpoints = typeof library.endpoints;
type Keys<E extends Endpoint> = Exclude<keyof Request<E>, "meta">;

test("the compiler knows what each endpoint receives", () => {
  expectTypeOf<Keys<Endpoints["list"]>>().toEqualTypeOf<"params" | "query" | "actor">();
  expectTypeOf<Keys<Endpoints["note"]>>().toEqualTypeOf<"params" | "body" | "actor">();
  expectTypeOf<Keys<Endpoints["count"]>>().toEqualTypeOf<"params">();
  expectTypeOf<Keys<Endpoints["borrow"]>>().toEqualTypeOf<"params" | "form">();
  expectTypeOf<Request<Endpoints["list"]>["query"]["limit"]>().toEqualTypeOf<number>();
  expectTypeOf<Request<Endpoints["get"]>["params"]>().toEqualTypeOf<Readonly<Record<"id", string>>>();
});

test("the compiler refuses implementations that do not fit the contract", () => {
  const serve = createServe(() => Promise.reject(new Error("nobody")));
  /** Never run: these lines are for the compiler, which complains when one of them is no error. */
  const refused = (all: Implementations<typeof library>) => {
    const { list: _, ...withoutList } = all;
    // @ts-expect-error an endpoint without an implementation
    serve(library, withoutList);
    // @ts-expect-error an implementation without an endpoint
    serve(library, { ...all, burn: () => null });
    // @ts-expect-error a wrong answer
    serve(library, { ...all, list: () => [{ id: BOOK_ID }] });
    // @ts-expect-error an answer of the wrong type, later
    serve(library, { ...all, count: async () => ({ count: "1" }) });
    // @ts-expect-error bytes where a page of JSON is declared, or the other way round
    serve(library, { ...all, cover: () => book });
    // @ts-expect-error a body field that is not declared
    serve(library, { ...all, add: ({ body }) => ({ ...book, title: body.name }) });
    // @ts-expect-error a public endpoint knows no actor
    serve(library, { ...all, count: ({ actor }) => ({ count: actor.id.length }) });
    // @ts-expect-error another name of the path's parameter
    serve(library, { ...all, get: ({ params }) => ({ ...book, id: params.book_id }) });
  };
  expect(refused).toBeTypeOf("function");
});
