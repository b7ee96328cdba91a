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

test("the choice does not depend on the order of the routes", () => {
  const mixed = [
    "ANY /{a}",
    "POST /{a}/b/{c}/{rest+}",
    "GET /{a}/(x)",
    "GET /{a}",
    "ANY /b/{rest+}",
    "ANY /{a}/{b}",
  ];
  for (const order of [mixed, mixed.toReversed(), mixed.toSorted()]) {
    const choose = createRouteSelection(order.map((key) => ({ key, target: key })));
    expect(choose("GET", "/1")?.route.key).toBe("GET /{a}");
    expect(choose("PUT", "/1")?.route.key).toBe("ANY /{a}");
    expect(choose("GET", "/b/(x)")?.route.key).toBe("GET /{a}/(x)");
    expect(choose("POST", "/b/b/2/3")?.route.key).toBe("ANY /b/{rest+}");
  }
});

test("a segment is compared decoded", () => {
  const choose = createRouteSelection([{ key: "GET /openapi.json", target: 0 }]);
  expect(choose("GET", "/%6fpenapi%2Ejson")).toBeDefined();
  expect(choose("GET", "/openapi-json")).toBeUndefined();
});
