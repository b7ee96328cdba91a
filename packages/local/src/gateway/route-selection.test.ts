import { expect, test } from "vitest";
import { createRouteSelection } from "./route-selection.ts";

const keys = [
  "GET /pets/dog/1",
  "GET /pets/dog/{id}",
  "GET /pets/{proxy+}",
  "ANY /pets/dog/{id}",
  "$default",
  "GET /a",
  "GET /a/",
  "GET /users/search",
  "POST /users/{id}",
  "GET /{kind}/{id}/files/{rest+}",
];
const select = createRouteSelection(keys.map((key) => ({ key, target: key })));
const withoutDefault = createRouteSelection([{ key: "GET /a/{proxy+}", target: 0 }]);

test.each([
  ["GET", "/pets/dog/1", "GET /pets/dog/1", undefined],
  ["GET", "/pets/dog/2", "GET /pets/dog/{id}", { id: "2" }],
  ["POST", "/pets/dog/2", "ANY /pets/dog/{id}", { id: "2" }],
  ["POST", "/pets/dog/1", "ANY /pets/dog/{id}", { id: "1" }],
  ["GET", "/pets/cat/1", "GET /pets/{proxy+}", { proxy: "cat/1" }],
  ["GET", "/pets/dog/2/", "GET /pets/{proxy+}", { proxy: "dog/2/" }],
  ["POST", "/pets/cat", "$default", undefined],
  ["GET", "/a", "GET /a", undefined],
  ["GET", "/a/", "GET /a/", undefined],
  ["POST", "/users/search", "POST /users/{id}", { id: "search" }],
  ["POST", "/users/", "$default", undefined],
  ["GET", "/pets/", "GET /pets/{proxy+}", { proxy: "" }],
  ["POST", "/users/a%20b%2Fc", "POST /users/{id}", { id: "a b/c" }],
  ["GET", "/boats/7/files/x/y", "GET /{kind}/{id}/files/{rest+}", { kind: "boats", id: "7", rest: "x/y" }],
])("%s %s is served by %s", (method, path, key, parameters) => {
  expect(select(method, path)).toEqual({ route: { key, target: key }, parameters });
});

test("without a $default route an unknown path is served by nobody", () => {
  expect(withoutDefault("GET", "/b")).toBeUndefined();
  expect(withoutDefault("GET", "/a")).toBeUndefined();
});
