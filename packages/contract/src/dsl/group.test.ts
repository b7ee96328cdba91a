import { expect, test } from "vitest";
import * as z from "zod";
import { groups } from "../index.ts";
import {
  accepted,
  created,
  get,
  isAccepted,
  isRaw,
  isRedirect,
  page,
  post,
  rawResponse,
  redirect,
  success,
} from "./endpoint.ts";
import { group, routes } from "./group.ts";

const Shelf = z.object({ id: z.uuid() });
const shelves = group("shelves", "Where books stand", {
  list: get("/", { summary: "List shelves", access: "member", returns: z.array(Shelf) }),
  create: post("/", { summary: "Put up a shelf", access: "admin", returns: created(Shelf) }),
  picture: get("/{id}/picture", {
    summary: "A picture",
    access: "public",
    returns: rawResponse("image/png"),
    alias: ["/{id}.png"],
  }),
  plan: get("/{id}/plan", { summary: "Its plan", access: "member", returns: redirect("application/pdf") }),
  build: post("/{id}/build", {
    summary: "Have it built",
    access: "member",
    returns: accepted(z.object({ boards: z.int() }), ({ boards }) => boards < 4),
  }),
  suggest: post("/suggestions", { summary: "Suggest a book", access: "public", returns: page(303) }),
});

test("routes are absolute, carry no trailing slash and name their endpoint", () => {
  expect(routes(shelves)).toEqual([
    { method: "GET", path: "/api/v1/shelves", key: "GET /api/v1/shelves", name: "list" },
    { method: "POST", path: "/api/v1/shelves", key: "POST /api/v1/shelves", name: "create" },
    {
      method: "GET",
      path: "/api/v1/shelves/{id}/picture",
      key: "GET /api/v1/shelves/{id}/picture",
      name: "picture",
    },
    { method: "GET", path: "/api/v1/shelves/{id}.png", key: "GET /api/v1/shelves/{id}.png", name: "picture" },
    {
      method: "GET",
      path: "/api/v1/shelves/{id}/plan",
      key: "GET /api/v1/shelves/{id}/plan",
      name: "plan",
    },
    {
      method: "POST",
      path: "/api/v1/shelves/{id}/build",
      key: "POST /api/v1/shelves/{id}/build",
      name: "build",
    },
    {
      method: "POST",
      path: "/api/v1/shelves/suggestions",
      key: "POST /api/v1/shelves/suggestions",
      name: "suggest",
    },
  ]);
});

test("a group without a prefix starts at the root", () => {
  const root = group("root", "", { home: get("/", { summary: "", access: "public", returns: Shelf }) }, "");
  expect(routes(root).map(({ path }) => path)).toEqual(["/"]);
});

test("an endpoint knows its success status, and whether its answer has a schema", () => {
  expect(success(shelves.endpoints.list)).toEqual({
    status: 200,
    schema: shelves.endpoints.list.returns,
  });
  expect(success(shelves.endpoints.create)).toEqual({ status: 201, schema: Shelf });
  expect(success(shelves.endpoints.picture)).toEqual({ status: 200 });
  expect(isRaw(shelves.endpoints.picture.returns)).toBe(true);
  expect(success(shelves.endpoints.suggest)).toEqual({ status: 303 });
});

test("an answer that may come before all is done says whether it did", () => {
  const { returns } = shelves.endpoints.build;
  expect([3, 4].map((boards) => returns.isPending({ boards }))).toEqual([true, false]);
  expect(success(shelves.endpoints.build)).toEqual({ status: 200, schema: returns.schema });
});

test("a redirect to a file has its link as a schema", () => {
  const { status, schema } = success(shelves.endpoints.plan);
  const address = { url: "https://files.example.com/plan.pdf", expires_at: "2026-01-31T08:00:00.000Z" };
  expect(status).toBe(307);
  expect(schema?.safeParse(address).success).toBe(true);
  expect(schema?.safeParse({ url: "plan.pdf", expires_at: "soon" }).success).toBe(false);
});

test("an endpoint returns one kind of answer", () => {
  const kinds = Object.fromEntries(
    Object.entries(shelves.endpoints).map(([name, { returns }]) => [
      name,
      [isRaw, isAccepted, isRedirect].map((is) => is(returns)),
    ]),
  );
  expect(kinds).toEqual({
    list: [false, false, false],
    create: [false, false, false],
    picture: [true, false, false],
    plan: [false, false, true],
    build: [false, true, false],
    suggest: [true, false, false],
  });
});

test("no two routes of the contract are the same", () => {
  const keys = groups.flatMap((group) => routes(group).map(({ key }) => key));
  expect(keys.filter((key, index) => keys.indexOf(key) !== index)).toEqual([]);
});

test("every list of a path's endpoints agrees on the names of its parameters", () => {
  const byShape = new Map<string, Set<string>>();
  for (const { path } of groups.flatMap(routes)) {
    const shape = path.replace(/\{\w+\}/g, "{}");
    byShape.set(shape, (byShape.get(shape) ?? new Set()).add(path));
  }
  expect([...byShape.values()].filter((paths) => paths.size > 1)).toEqual([]);
});
